// What Python sends: the types of all replies, and of what the page is given at the start. Nothing else may stand for
// them.

/** Fills the places of a sentence. */
export type Values = Record<string, string | number | boolean | null | undefined>;
/** One sentence, or its forms by the plural rules of the language. */
export type Entry = string | { other: string; [form: string]: string };
export type Dictionary = Record<string, Entry>;

export type CellKind = "rnn" | "gru" | "lstm";
export type DirectionName = "forward" | "backward";

/** What the server objects to: rnnviz/page/saying.py. */
export interface Objection {
  error: string;
  values: Values;
  message?: string;
}
/** A reply is what was asked for, or an objection, or says that there was no word to read. */
export type Reply<Good> =
  | (Good & { error?: undefined; empty?: undefined })
  | (Objection & { empty?: undefined })
  | { empty: true; error?: undefined };
export type ReplyOf<Good> = (Good & { error?: undefined }) | Objection;

// --- a reading: rnnviz/page/payload.py -------------------------------------------------------------------------------

export interface Signal {
  name: string;
  symbol: string;
  meaning: string;
  low: number;
  high: number;
  scale: number;
}
export interface PlacedSignal extends Signal {
  /** Between which values it can be held. */
  ends: [number, number];
  /** Where its numbers begin in the data. */
  place: number;
}
export interface Moment {
  word: string;
  token: number;
  winner: number;
  share: number;
}
export interface Answers {
  verdicts: number[][];
  winners: number[];
  answer: number[];
  winner: number;
}
/**
 * What gate surgery holds: of one unit, at the tokens from the first to the last, counted from the text's
 * beginning.
 */
export interface Hold {
  signal: string;
  value: number;
  tokens: [number, number];
  unit: number;
  layer: number;
  direction: number;
}
export interface Contributions {
  by_token: number[][];
  elsewhere: number[];
  bias: number[];
}
export interface Payload extends Answers {
  model: string;
  cell: CellKind;
  memory: string;
  tokens: string[];
  unknown: boolean[];
  unknown_total: number;
  turns: boolean[];
  labels: string[];
  story: { turns: Moment[]; count: number; surest: Moment };
  start: number;
  size: number;
  read: number;
  total: number;
  windowed: boolean;
  /** [layer][direction]: the units in the order of the rows. */
  order: number[][][];
  signals: PlacedSignal[];
  /** [signals, layers, directions, tokens, units] */
  shape: [number, number, number, number, number];
  data: string;
  contributions: Contributions | null;
  replay_error: number;
  nonlinearity?: string;
  ghost?: Answers;
}
export interface ReadQuestion {
  model: string;
  text: string;
  start: number;
  holds: readonly Hold[];
  cut?: boolean;
}

export interface SaveQuestion {
  kind: string;
  model: string;
  text: string;
  holds: readonly Hold[];
}

// --- one cell opened: rnnviz/page/opened.py --------------------------------------------------------------------------

export interface GateSum {
  name: string;
  symbol: string;
  from_input: number;
  from_hidden: number;
  bias: number;
  /** Of a GRU's candidate alone, in place of from_hidden. */
  inner?: number;
  reset: number;
  sum: number;
  value: number;
  pushes: { unit: number; push: number }[];
  squash: string;
  held: boolean;
}
export interface GateSums {
  token: number;
  unit: number;
  layer: number;
  direction: number;
  features: number;
  units: number;
  gates: GateSum[];
}

export interface OpenQuestion {
  model: string;
  text: string;
  holds: readonly Hold[];
  token: number;
  unit: number;
  layer: number;
  direction: number;
}

// --- what is known of a network: rnnviz/page/about.py ----------------------------------------------------------------

export type Verdict = "supported" | "partly supported" | "not supported";
export interface GateClaim {
  layer: number;
  direction: DirectionName;
  name: string;
  shut: number;
  open: number;
  between: number;
}
export interface MasksClaim {
  gates: GateClaim[];
  share: number;
  verdict: Verdict;
}
export interface FlagsClaim {
  flags: number;
  units: number;
  share: number;
  verdict: Verdict;
  most: { layer: number; direction: DirectionName; unit: number; raised_by: string[]; lowered_by: string[] };
}
export interface UnitSummary {
  raised_by?: number[][];
  lowered_by?: number[][];
  half_life?: number[];
  saturation?: Record<string, { shut: number[]; open: number[] }>;
  bimodality?: (number | null)[];
  two_valued?: number[];
}
/** What is known; each part may be missing. */
export interface About {
  name?: string;
  layers?: number;
  directions?: DirectionName[];
  places?: Partial<Record<DirectionName, UnitSummary>>[];
  words?: string[];
  masks?: MasksClaim;
  flags?: FlagsClaim;
}

// --- the views -------------------------------------------------------------------------------------------------------

/** rnnviz/page/comparing.py */
export type Pair = [number | null, number | null];
export interface Compared {
  one: Payload;
  other: Payload;
  pairs: Pair[];
}
export interface CompareQuestion {
  model: string;
  text: string;
  other_model: string;
  other_text: string;
}
export type CompareReply =
  | (Compared & { error?: undefined; empty?: undefined })
  | (Objection & { empty?: undefined })
  | { empty: "one" | "other"; error?: undefined };
/** rnnviz/page/reach.py */
export interface ReachNetwork {
  cell: CellKind;
  model: string;
  norms: number[];
  answer: number[];
  winner: number;
}
export interface Reached {
  family: string;
  tokens: string[];
  total: number;
  unknown: number;
  labels: string[];
  scored: number;
  units: number;
  networks: ReachNetwork[];
}
/** What is read in place of the page's text, and why: how many of its words are unknown, or that it is too short. */
export interface Instead {
  why: "unknown" | "short";
  text: string;
  unknown: number;
  count: number;
}
export interface ReachQuestion {
  text: string;
  model: string;
  family: string | null;
  instead?: Instead;
}
/** Without a family there are no networks, and neither are there where the text has no words. */
export type ReachReply =
  | (Reached & { families: string[]; error?: undefined })
  | { families: string[]; empty?: true; networks?: undefined; error?: undefined }
  | (Objection & { families?: undefined; networks?: undefined });
/** rnnviz/page/drift.py; what is measured of the network may be missing. */
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
  alone: { verdict: number[]; winner: number; states: number[] };
  accuracy?: number;
  padding?: { changed: number; n: number; accuracy_alone: number };
}
export interface DriftQuestion {
  text: string;
  pad_to: number;
}
/** Nothing, where no network reads padding or the text has no words. */
export type DriftReply = Drift | { tokens?: undefined };
/** A batch as it is packed; with fewer than two texts it has no layout. */
export interface PackedLayout {
  texts: string[][];
  cut_texts: boolean;
  cut_tokens: number;
  batch_sizes: number[];
  rows: number[][];
  steps_padded: number;
  steps_packed: number;
  saved: number;
}
export type PackedReply =
  | (PackedLayout & { error?: undefined })
  | (Pick<PackedLayout, "texts" | "cut_texts" | "cut_tokens"> & { error?: undefined })
  | (Objection & { texts?: undefined });

// --- training: rnnviz/page/trainings.py, offers.py, uploads.py -------------------------------------------------------

export interface Offer {
  rates: Record<"low" | "good" | "high", number>;
  units: number;
  length: { default: number; least: number; most: number } | null;
}
export interface TaskOffer extends Offer {
  name: string;
  classes: string[];
  watch: string;
}
export interface Offers {
  allowed: boolean;
  own_files: boolean;
  tasks: TaskOffer[];
  file: Offer;
  cells: CellKind[];
  units: { least: number; most: number };
  learning_rate: { least: number; most: number };
  seconds: number;
}
export interface TrainQuestion {
  task?: string;
  data?: string;
  length?: number;
  cell: CellKind;
  units: number;
  learning_rate: number;
  watch: string;
}
export interface PollQuestion {
  ticket: string;
  since?: number;
}
export interface UploadQuestion {
  ticket: string | null;
  last: boolean;
  name?: string;
  part?: number;
  text?: string;
  text_column?: string;
  label_column?: string;
}
export type TrainState = "waiting" | "running" | "done" | "cancelled" | "failed";
export interface Curve {
  loss: number[];
  accuracy: number[];
  fraction: number[];
}
export interface Watched {
  tokens: string[];
  unknown: boolean[];
  labels: string[];
  verdicts: number[][];
  winner: number;
  signal: Signal;
  /** [tokens, units] */
  shape: [number, number];
  data: string;
}
export interface HeldOut {
  texts: number;
  seen: number;
  chance: number;
  accuracy: number;
}
/** How a training stands; an objection alone where it cannot be asked about, or beside the rest where it failed. */
export interface TrainAnswer extends Partial<Objection> {
  ticket?: string;
  state?: TrainState;
  place?: number;
  seconds?: number;
  seq?: number;
  cut?: boolean;
  held_out?: HeldOut | null;
  curve?: Curve;
  watch?: Watched | null;
}
export interface UploadAnswer extends Partial<Objection> {
  ticket?: string;
  rows?: number;
  classes?: string[];
  columns?: string[];
}

// --- the page's own properties: rnnviz/page/layout.py, standalone.py -------------------------------------------------

export interface ModelOffer {
  name: string;
  title?: string;
  example?: string | null;
  problem?: Objection | null;
}
/** A place of the page, as far as somebody says where to go: a link, an example, the tour. Nothing in it is trusted. */
export interface Destination {
  model?: string;
  text?: string;
  start?: number;
  token?: number | null;
  unit?: number | null;
  /** The unit's own layer and direction, where they are not those that are shown. */
  at?: { layer?: number; direction?: number };
  layer?: number | "all";
  direction?: number | "both";
  signal?: string;
  all?: boolean;
  range?: readonly number[] | null;
  holds?: readonly Hold[];
  tab?: string | null;
  batch?: string;
  other?: { model?: string; text?: string };
}
export interface Chip extends Destination {
  name: string;
  model: string;
  text: string;
}
export interface Props {
  /** The first reading, or only its model and text, to be read. */
  value: { model: string; text: string; holds?: Hold[] } & Partial<Payload>;
  words: Dictionary;
  language: string;
  models: ModelOffer[];
  about?: About;
  chips?: Chip[];
  batch: PackedLayout & { lines: string };
  batches: { name: string; text: string }[];
  training?: Offers;
  place?: Destination;
}
/** The functions that Gradio lends the page: questions to Python, by name. A saved file has none. */
export interface Server {
  read_sentence(question: ReadQuestion): Promise<Reply<Payload>>;
  open_cell(question: OpenQuestion): Promise<Reply<GateSums>>;
  about_model(question: { model: string }): Promise<About | null>;
  compare(question: CompareQuestion): Promise<CompareReply>;
  how_far_back(question: ReachQuestion): Promise<ReachReply>;
  padding_drift(question: DriftQuestion): Promise<DriftReply>;
  save_reading(question: SaveQuestion): Promise<Reply<{ type: string; data: string }>>;
  standalone(question: null): Promise<{ shell: string; place: string }>;
  words(language: string): Promise<Dictionary>;
  pack_sentences(lines: string): Promise<PackedReply>;
  train_start(question: TrainQuestion): Promise<TrainAnswer>;
  train_poll(question: PollQuestion): Promise<TrainAnswer>;
  train_cancel(question: PollQuestion): Promise<TrainAnswer>;
  train_receive(question: UploadQuestion): Promise<UploadAnswer>;
}
