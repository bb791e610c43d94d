// Made from rnnviz/page/requests.py, replies.py and handlers.py by `python -m rnnviz.page.contract`.

/** What is known of a network (`rnnviz.page.about`), as far as it is known. */
export interface About {
  name: string;
  title?: string;
  weights_sha256?: string;
  cell?: "rnn" | "gru" | "lstm";
  layers?: number;
  directions?: ("forward" | "backward")[];
  units?: number;
  embedding?: number;
  vocabulary?: number;
  labels?: string[];
  pooling?: string;
  squashed?: boolean;
  reading?: string;
  accuracy?: number;
  tested?: number;
  padding?: PaddingFacts;
  card?: Card;
  places?: Partial<Record<"forward" | "backward", LayerSummary>>[];
  words?: string[];
  masks?: MasksClaim;
  flags?: FlagsClaim;
}

/** Tell what is known of a network without running it. */
export interface AboutModel {
  model: string;
}

/** The end of a text that was read without padding. */
export interface Alone {
  verdict: number[];
  winner: number;
  states: number[];
}

/** The probabilities after each token of a window and of the whole text, and which classes win. */
export interface Answers {
  verdicts: number[][];
  winners: number[];
  answer: number[];
  winner: number;
}

/**
 * Tell what each word gives to the score of a class.
 *
 * Attributes:
 *     label: The class; the answer where none is named.
 */
export interface Attribute {
  model: string;
  text: string;
  label?: number | null;
}

/** What each word gives to the score of a class (`rnnviz.page.attribution`). */
export interface Attributions {
  model: string;
  tokens: string[];
  total: number;
  labels: string[];
  scored: number;
  score: number;
  steps: number;
  measures: Measure[];
}

/** What is wrong with a visitor's file, which can be read again by its ticket. */
export interface BadTable extends Objection {
  ticket: string;
  columns: string[];
  preview: string[][];
}

/** A batch of sentences, and how it is laid out. */
export interface Batch extends Texts {
  batch_sizes: number[];
  rows: number[][];
  steps_padded: number;
  steps_packed: number;
  saved: number;
}

/**
 * A network's model card, as far as its config.json says it: what it learned from which texts, and how well.
 *
 * Its texts are the card's own English. `scores` has accuracy and texts of each set, by name.
 */
export interface Card {
  data?: string;
  data_licence?: string;
  weights_licence?: string;
  notes?: string[];
  seed?: number;
  texts?: number;
  epochs?: number;
  command?: string;
  scores?: Record<string, Score>;
  findings?: Finding[];
}

/** One slice of a corpus: its confusion matrix, a row a class, and its first texts, errors first. */
export interface ChosenSlice {
  corpus: Corpus;
  slice: SliceCount;
  answers: string[];
  confusion: number[][];
  texts: SlicedText[];
}

/** Read two texts, side by side. */
export interface Compare {
  model: string;
  text: string;
  other_model: string;
  other_text: string;
}

/** Two readings, and their positions side by side: null where one has no such word. */
export interface Comparison {
  one: Reading;
  other: Reading;
  pairs: [number | null, number | null][];
}

/** What of each class's score goes through the memory that each token wrote. */
export interface Contributions {
  squashed?: boolean;
  by_token: number[][];
  elsewhere: number[];
  bias: number[];
}

/**
 * What there is to search: the hidden states of the top layer after each of so many tokens.
 *
 * It is known at which `thresholds` each of them is beyond that. Units of the backward direction follow the forward
 * ones.
 */
export interface Corpus {
  name: string;
  texts: number;
  tokens: number;
  thresholds: number[];
}

/** Slices of a corpus, those with the most errors first; one of them has all texts. */
export interface CorpusSlices {
  corpus: Corpus;
  slices: SliceCount[];
}

/** A text of a corpus, where the page can read as far as it was asked to. */
export interface CorpusText {
  text: number;
  whole: string | null;
}

/** What there is to search, where nothing was asked of it; null where nothing is. */
export interface CorpusTold {
  corpus: Corpus | null;
}

/**
 * How often each answer was `given` in a room, which is open for so many `seconds` more.
 *
 * `is_first` is false for an answer that was not counted, since its pass had answered before.
 */
export interface Counts {
  given: [number, number][];
  seconds: number;
  is_first: boolean;
}

/** The points of a training's curve, each quantity for itself. */
export interface Curve {
  step: number[];
  epoch: number[];
  fraction: number[];
  loss: number[];
  accuracy: number[];
  learning_rate: number[];
}

/** A file: its media type, its bytes in base64. */
export interface Download {
  type: string;
  data: string;
}

/** What padding does to a text (`rnnviz.page.drift`). */
export interface Drift {
  model: string;
  tokens: string[];
  padded_to: number;
  labels: string[];
  verdicts: number[][];
  winners: number[];
  units: number[];
  states: number[][];
  low: number;
  high: number;
  alone: Alone;
  accuracy?: number;
  padding?: PaddingFacts;
}

/** The text has no words. */
export interface Empty {
  empty: true;
}

/** Which of two texts has no words. */
export interface EmptySide {
  empty: "one" | "other";
}

/**
 * Tell how often a network is right on the texts of a visitor's file.
 *
 * Attributes:
 *     data: The ticket of the file.
 */
export interface EvaluateFile {
  model: string;
  data: string;
}

/** The families of networks that there are. */
export interface Families {
  families: string[];
}

/** The text has no words. */
export interface FamiliesEmpty extends Families {
  empty: true;
}

/**
 * Tell where else in a corpus some units are on: beyond a threshold, as `rnnviz.corpus` has it.
 *
 * Attributes:
 *     units: Each with 1 where it is above the threshold, -1 where it is below its negative. Without any, only what
 *         there is to search is told.
 *     threshold: One of the corpus's own.
 *     length: Tokens of the stretch that is like those that are looked for.
 *     before, after: Whether a unit counts only where it is not on at the token before, and at the token after.
 *     every: Whether one text may be found several times.
 *     most: Hits that are sent, at most 50.
 */
export interface Find {
  model: string;
  units?: [number, 1 | -1][];
  threshold?: number;
  length?: number;
  before?: boolean;
  after?: boolean;
  every?: boolean;
  most?: number;
}

/** What `rnnviz.probe` found of a property; bits where the network tells the next token. */
export interface Finding {
  property: string;
  measure: "AUC" | "R²";
  layer: number;
  unit: number;
  value: number;
  shuffled: number;
  untrained: number;
  found: boolean;
  loss?: number;
  loss_without?: number;
}

/** The unit that is most like a flag, and the words that change it most. */
export interface FlagClaim {
  layer: number;
  direction: "forward" | "backward";
  unit: number;
  bimodality: number;
  valley: number;
  raised_by: string[];
  lowered_by: string[];
}

/** What became of "the memory is made of flags" (`rnnviz.analysis.claims`). */
export interface FlagsClaim {
  flags: number;
  units: number;
  share: number;
  verdict: "supported" | "partly" | "not supported";
  most: FlagClaim;
}

/** A sentence with a number in it, in its forms by the plural rules of the language. */
export interface Forms {
  zero?: string;
  one?: string;
  two?: string;
  few?: string;
  many?: string;
  other: string;
}

/** Groups of units and words, or none (`rnnviz.corpus.Groups`). */
export interface FoundGroups {
  units: number[];
  silent: number[];
  words: string[];
  counts: number[];
  responses: number[][];
  groups: number;
  unit_groups: number[];
  word_groups: number[];
  stability: GroupStability[];
}

/** Where else in a corpus the network does the same (`rnnviz.corpus.Found`), the best first. */
export interface FoundHits {
  corpus: Corpus;
  hits: Hit[];
  total: number;
  texts: number;
  least: number;
  labels: LabelShare[];
  seconds: number;
}

/** A reading, and what the network squashes its state with. */
export interface FreeReading extends Reading {
  nonlinearity: string;
}

/** How a gate stands over the training texts: of its values, the shares that are nearly 0, nearly 1, the rest. */
export interface GateClaim {
  layer: number;
  direction: "forward" | "backward";
  name: string;
  shut: number;
  open: number;
  between: number;
  verdict: "supported" | "partly" | "not supported";
}

/** How surely so many groups come back, beside shuffled matrices (`rnnviz.corpus.Stability`). */
export interface GroupStability {
  groups: number;
  units: number;
  units_shuffled: number;
  units_limit: number;
  words: number;
  words_shuffled: number;
  holds: boolean;
}

/** Tell the groups of a network's units and of words, in the texts of an index. */
export interface Groups {
  model: string;
}

/** The groups in a corpus; null where they were not looked for, both where there is no corpus. */
export interface GroupsTold {
  corpus: Corpus | null;
  found: FoundGroups | null;
}

/** How often a network is right on texts set aside. */
export interface HeldOut {
  texts: number;
  seen: number;
  chance: number;
  accuracy: number;
}

/** A reading in which something was held; `ghost` has the answers while nothing is. */
export interface HeldReading extends FreeReading {
  ghost: Answers;
}

/**
 * A stretch of a text of the corpus (`rnnviz.corpus.Hit`); `units` are the matched ones, without their signs.
 *
 * `tokens` are those of the stretch and around it, the `first` of them counted from the beginning of the text,
 * which has `more` of them or ends there; `start` and `stop` are of the whole text too. `whole` is the text,
 * where the page can read as far as this.
 */
export interface Hit {
  text: number;
  tokens: string[];
  first: number;
  more: boolean;
  start: number;
  stop: number;
  units: number[];
  bits: number;
  label: string | null;
  answer: string | null;
  probability: number;
  whole: string | null;
}

/**
 * A clamp as the page asks for it: one signal of some units is held over some tokens, all counted from 0.
 *
 * Attributes:
 *     signal: Its name, such as "forget".
 *     value: What it is held at.
 *     tokens: The first and the last, counted from the beginning of the text.
 *     units: Whose signal it is: ranges, each its first and its last unit, in ascending order.
 *     layer: Of the units.
 *     direction: 0 forward, 1 backward.
 */
export interface Hold {
  signal: string;
  value: number;
  tokens: [number, number];
  units: [number, number][];
  layer: number;
  direction: number;
}

/**
 * Tell how far back three networks of equal size reach.
 *
 * Attributes:
 *     family: Name of the three.
 *     model: One of the three, which counts where there is no such family.
 */
export interface HowFarBack {
  text: string;
  family?: string | null;
  model?: string | null;
}

/** Texts of a label: those with a hit, and all. */
export interface LabelShare {
  label: string;
  texts: number;
  all: number;
}

/** What was measured of a layer in one direction, one entry a unit; words are numbers of entries in `words`. */
export interface LayerSummary {
  raised_by?: number[][];
  lowered_by?: number[][];
  half_life?: number[];
  saturation?: Record<string, Openness>;
  bimodality?: (number | null)[];
  two_valued?: number[];
}

/** What became of "gates act like bit masks" (`rnnviz.analysis.claims`). */
export interface MasksClaim {
  gates: GateClaim[];
  share: number;
  verdict: "supported" | "partly" | "not supported";
}

/** One measure of what each word gives to a score: score = baseline + Σ parts + residual. */
export interface Measure {
  method: "gradient_times_input" | "integrated_gradients" | "ledger";
  parts: number[];
  baseline: number;
  residual: number;
}

/** The answer after one token: the token, where in the text it is, the most probable class, its share. */
export interface Moment {
  word: string;
  token: number;
  winner: number;
  share: number;
}

/** How far back one network of a family reaches. */
export interface NetworkReach {
  cell: "rnn" | "gru" | "lstm";
  model: string;
  norms: number[];
  answer: number[];
  winner: number;
}

/** No network here reads padded, and forward only. */
export type NoNetwork = Record<string, never>;

/** Why there is no answer: the key of a sentence, what fills it, and the sentence in English. */
export interface Objection {
  error: string;
  values: Record<string, boolean | number | string>;
  message: string;
}

/**
 * Show the sums behind one unit's gates at one word.
 *
 * Attributes:
 *     token, unit, layer: Which.
 *     direction: 0 forward, 1 backward.
 *     holds: What is held while the text is read.
 */
export interface OpenCell {
  model: string;
  text: string;
  token: number;
  unit: number;
  layer: number;
  direction: number;
  holds?: Hold[] | null;
}

/** The sums behind the gates of one unit at one word. */
export interface OpenedCell {
  token: number;
  unit: number;
  layer: number;
  direction: number;
  features: number;
  units: number;
  gates: (PlainGate | ScaledGate)[];
}

/** Of each unit's gate, the share of tokens at which it is shut, and open. */
export interface Openness {
  shut: number[];
  open: number[];
}

/** A text of a visitor's file: its class and the answer, by their numbers, and how sure the answer is. */
export interface OwnText {
  text: string;
  label: number;
  answer: number;
  share: number;
}

/** Lay out a batch of sentences, one a line. */
export type PackSentences = string;

/**
 * Tell what padding does to a text.
 *
 * Attributes:
 *     pad_to: Tokens that the text is filled up to.
 */
export interface PaddingDrift {
  text: string;
  pad_to: number;
}

/** A text of which padding changes the class. */
export interface PaddingExample {
  tokens: number;
  padded_to: number;
  alone: string;
  padded: string;
}

/** Of how many texts padding alone changes the class. */
export interface PaddingFacts {
  changed: number;
  n: number;
  accuracy_alone: number;
  examples: PaddingExample[];
}

/** How many parts of a file have come. */
export interface PartTaken {
  ticket: string;
  parts: number;
}

/** The watched sentence as it is read now; `data` holds int16 numbers [token, unit] in base64. */
export interface Picture {
  tokens: string[];
  unknown: boolean[];
  labels: string[];
  verdicts: number[][];
  winner: number;
  signal: Signal;
  shape: [number, number];
  data: string;
}

/** A gate, the parts of its sum, and the units that push it most (`rnnviz.page.gate_sums`). */
export interface PlainGate {
  name: string;
  symbol: string;
  value: number;
  squash: string;
  held: boolean;
  from_input: number;
  bias: number;
  from_hidden: number;
  sum: number;
  pushes: Push[];
}

/**
 * A plane through the states of a corpus (`rnnviz.corpus.Projection`).
 *
 * A state h lies at `axes` · h + `offsets`. `answer` is the index of the one to which the first axis leads; null
 * where none does, for the reason `unread`. Texts are of `classes` by their labels or, without any, by the
 * network's answers; of a network that tells the next token, of none.
 */
export interface Plane {
  corpus: Corpus;
  axes: number[][];
  offsets: number[];
  shares: number[];
  answer: number | null;
  unread: "next" | "both_ways" | "pooling" | "head" | null;
  classes: string[];
  by: "label" | "answer" | null;
  points: Points;
}

/**
 * States of a corpus in a plane, in each list one entry a state.
 *
 * Where it lies; after which token (`place`) of which text; what is read there, the text's beginning or the tokens
 * up to this one; its text's class among `Plane.classes`, -1 where it has none.
 */
export interface Points {
  across: number[];
  up: number[];
  text: number[];
  place: number[];
  said: string[];
  label: number[];
}

/**
 * Show a plane through the states of a corpus, as `rnnviz.corpus.projection` has it, or send one of its texts.
 *
 * Attributes:
 *     answer: To which the first axis leads; the last one where there is no such answer.
 *     text: A text, which is all that is sent then.
 *     place: The token of it that has to be among those that are read.
 */
export interface Project {
  model: string;
  answer?: number | null;
  text?: number | null;
  place?: number;
}

/** What one unit's state adds to a gate's sum. */
export interface Push {
  unit: number;
  push: number;
}

/** How far back the networks of a family reach (`rnnviz.page.reach`). */
export interface Reach extends Families {
  family: string;
  tokens: string[];
  total: number;
  unknown: number;
  labels: string[];
  scored: number;
  units: number;
  networks: NetworkReach[];
}

/**
 * Read a text.
 *
 * Attributes:
 *     start: A token of the window that is sent: of a long text, only a part is sent at once.
 *     holds: What is held meanwhile.
 *     padding: So many tokens of padding follow the text, at most 8, and are read; nothing is held then.
 */
export interface ReadSentence {
  model: string;
  text: string;
  start?: number;
  holds?: Hold[] | null;
  padding?: number;
}

/** A signal of a reading. Every value lies within its `ends`; `place` is its index in the data. */
export interface ReadSignal extends Signal {
  ends: [number, number];
  place: number;
}

/**
 * A reading, or a window of it (`rnnviz.page.payload`).
 *
 * `data` holds int16 numbers [signal, layer, direction, token, unit] in base64, of this `shape`.
 */
export interface Reading extends Answers {
  first?: Record<string, number[][][]>;
  model: string;
  cell: "rnn" | "gru" | "lstm";
  memory: string;
  tokens: string[];
  unknown: boolean[];
  unknown_total: number;
  turns: boolean[];
  labels: string[];
  story: Story;
  start: number;
  size: number;
  read: number;
  total: number;
  windowed: boolean;
  order: number[][][];
  signals: ReadSignal[];
  shape: [number, number, number, number, number];
  data: string;
  contributions: Contributions | null;
  replay_error: number;
}

/** A room: its `key` for all who answer, the `owner` pass for whoever opened it. */
export interface Room {
  key: string;
  owner: string;
}

/**
 * Answer the question of a room.
 *
 * Attributes:
 *     choice: A number, from 0 on, that means an answer to the page.
 */
export interface RoomAnswer {
  key: string;
  own_pass: string;
  choice: number;
}

/**
 * Ask how often each answer was given in a room.
 *
 * Attributes:
 *     key: Of the room.
 *     own_pass: What the browser got when it opened the room, or made when it answered.
 */
export interface RoomCounts {
  key: string;
  own_pass: string;
}

/** Open a room in which a class answers a question. */
export type RoomOpen = Record<string, never>;

/**
 * Make a file of a reading.
 *
 * Attributes:
 *     kind: Of the file.
 *     holds: What is held while the text is read.
 *     attribution: The class whose score is shared out among the words in the file too; of CSV and JSON, where nothing
 *         is held.
 */
export interface SaveReading {
  model: string;
  text: string;
  kind: "csv" | "json" | "npz";
  holds?: Hold[] | null;
  attribution?: number | null;
}

/** The candidate of a GRU: `reset` scales `inner`, which comes from the state. */
export interface ScaledGate {
  name: string;
  symbol: string;
  value: number;
  squash: string;
  held: boolean;
  from_input: number;
  bias: number;
  inner: number;
  reset: number;
  sum: number;
  pushes: Push[];
}

/** How often a network is right on a set of texts. */
export interface Score {
  accuracy: number;
  n: number;
}

/** A file that needs no server; the reading goes in the place of the text `place`. */
export interface Shell {
  shell: string;
  place: string;
}

/** A signal. Colours run from `low` to `high`; `scale` is its largest absolute value. */
export interface Signal {
  name: string;
  symbol: string;
  meaning: string;
  low: number;
  high: number;
  scale: number;
}

/** How often a network is right about some texts of a corpus (`rnnviz.corpus.Slice`). */
export interface SliceCount {
  name: string;
  texts: number;
  labelled: number;
  right: number;
  low: number;
  high: number;
}

/**
 * A text of a slice: its beginning, its class, the answer with its probability.
 *
 * `whole` is the text, where the page reads all of it.
 */
export interface SlicedText {
  text: number;
  said: string;
  label: string | null;
  answer: string;
  probability: number;
  whole: string | null;
}

/**
 * Tell how often a network is right in slices of a corpus, as `rnnviz.corpus.sliced` has it.
 *
 * Attributes:
 *     conditions: Of one slice, whose texts are sent too. Without any, those slices are counted that say something of
 *         every corpus.
 */
export interface Slices {
  model: string;
  conditions?: string;
}

/** Send the file that holds one reading and needs no server, without the reading. Whatever is sent says nothing. */
export type Standalone = null;

/** How a training stands; `place` in line is 1 for the next, 0 when it is out of it. */
export interface Standing {
  state: "waiting" | "running" | "done" | "cancelled" | "failed";
  seconds: number;
  seq: number;
  cut: boolean;
  held_out: HeldOut | null;
  curve?: Curve;
  watch?: Picture | null;
  reach?: number[] | null;
  error?: string;
  values?: Record<string, boolean | number | string>;
  message?: string;
  place: number;
}

/** How often a network is right on a visitor's texts (`rnnviz.page.own_texts`). */
export interface Statistics {
  labels: string[];
  total: number;
  read: number;
  left_out: number;
  unmatched: string[];
  by: "name" | "value" | "number";
  right: number;
  accuracy: number;
  low: number;
  high: number;
  confusion: number[][];
  texts: OwnText[];
}

/** Where the answer changed last (before and after), how often it changed, and where it was surest. */
export interface Story {
  turns: Moment[];
  count: number;
  surest: Moment;
}

/** What a visitor's file holds, which can be trained on by its ticket; `found` says how it is written. */
export interface Table {
  ticket: string;
  rows: number;
  classes: string[];
  columns: string[];
  preview: string[][];
  found: Record<string, string>;
  remarks: Objection[];
}

/** The sentences of a batch. Fewer than two have no layout. */
export interface Texts {
  texts: string[][];
  cut_texts: boolean;
  cut_tokens: number;
}

/** How a training stands that was put in line; all other questions about it need the ticket. */
export interface Ticket extends Standing {
  ticket: string;
}

/** End a training. */
export interface TrainCancel {
  ticket: string;
}

/**
 * Ask how a training stands.
 *
 * Attributes:
 *     since: The `seq` of the last answer that was drawn.
 */
export interface TrainPoll {
  ticket: string;
  since?: number;
}

/**
 * Send a part of a visitor's file, or have the whole of it read again.
 *
 * Attributes:
 *     ticket: Null with the first part.
 *     part: Counted from 0.
 *     text: The bytes of the part in base64; left out where nothing more is sent.
 *     last: Whether the whole is to be read now.
 *     name: Of the file.
 *     text_column, label_column, format: What its columns mean, as far as a visitor said.
 *     header, delimiter, quotes, escape, skip_spaces, encoding, stray_bytes: How it is written: a value of the menu
 *         (`rnnviz.data.file_options`), or empty for what is found in the file.
 */
export interface TrainReceive {
  ticket?: string | null;
  part?: number;
  text?: string;
  last?: boolean;
  name?: string | null;
  text_column?: string | null;
  label_column?: string | null;
  format?: string | null;
  header?: string | null;
  delimiter?: string | null;
  quotes?: string | null;
  escape?: string | null;
  skip_spaces?: string | null;
  encoding?: string | null;
  stray_bytes?: string | null;
}

/**
 * Put a training in line.
 *
 * Attributes:
 *     task: What to learn, unless `data` is sent.
 *     data: The ticket of a visitor's file.
 *     cell: Of the network.
 *     units, learning_rate, length, seed: The page's own numbers where they are not sent.
 *     detach: The gradient is cut before every so many words; 0, as where it is not sent, for never.
 *     watch: The sentence to watch; one that fits where it has no words.
 */
export interface TrainStart {
  task?: string | null;
  data?: string | null;
  cell: "rnn" | "gru" | "lstm";
  units?: number;
  learning_rate?: number;
  length?: number;
  watch?: string | null;
  seed?: number;
  detach?: number;
}

/** Send the sentences of the page, or of its lesson, in one of its languages; none for any other name. */
export type Words =
  | "en"
  | "hi"
  | "te"
  | "el"
  | "ne"
  | "lesson-en"
  | "lesson-hi"
  | "lesson-te"
  | "lesson-el"
  | "lesson-ne";

/** All that the page may ask: what it sends, and what it is answered. */
export interface Questions {
  read_sentence: { question: ReadSentence; reply: FreeReading | HeldReading | Empty | Objection };
  open_cell: { question: OpenCell; reply: OpenedCell | Empty | Objection };
  pack_sentences: { question: PackSentences; reply: Batch | Texts | Objection };
  about_model: { question: AboutModel; reply: About | Objection };
  compare: { question: Compare; reply: Comparison | EmptySide | Objection };
  how_far_back: { question: HowFarBack; reply: Reach | FamiliesEmpty | Families | Objection };
  attribute: { question: Attribute; reply: Attributions | Empty | Objection };
  find: { question: Find; reply: FoundHits | CorpusTold | Objection };
  project: { question: Project; reply: Plane | CorpusText | CorpusTold | Objection };
  groups: { question: Groups; reply: GroupsTold | Objection };
  slices: { question: Slices; reply: CorpusSlices | ChosenSlice | CorpusTold | Objection };
  padding_drift: { question: PaddingDrift; reply: Drift | Empty | NoNetwork | Objection };
  words: { question: Words; reply: Record<string, string | Forms> | Objection };
  save_reading: { question: SaveReading; reply: Download | Empty | Objection };
  standalone: { question: Standalone; reply: Shell | Objection };
  train_start: { question: TrainStart; reply: Ticket | Objection };
  train_poll: { question: TrainPoll; reply: Standing | Objection };
  train_cancel: { question: TrainCancel; reply: Standing | Objection };
  train_receive: { question: TrainReceive; reply: PartTaken | Table | BadTable | Objection };
  room_open: { question: RoomOpen; reply: Room | Objection };
  room_answer: { question: RoomAnswer; reply: Counts | Objection };
  room_counts: { question: RoomCounts; reply: Counts | Objection };
  evaluate_file: { question: EvaluateFile; reply: Statistics | Objection };
}
