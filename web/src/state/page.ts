// The state of the whole page: one reading, one selected word and unit. Every panel follows it, and none has its own.
//
// Panels see it read-only (Page); all that changes it is an action here.

import type { Hold } from "../client/contract";
import type { Host } from "../client/host";
import { type Handlers, lastWins } from "../client/lastWins";
import type { Destination, Known, ModelOffer, Props, Question, ReadQuestion, Reply, Server } from "../client/types";
import { Names } from "../i18n/names";
import type { Asking } from "../model/classAnswers";
import type { Comparison } from "../model/comparison";
import { FIND_SETTINGS, type FindSettings } from "../model/finding";
import { argmax, counting } from "../model/numbers";
import { type Block, type Here, NOWHERE, type Place, type Rows, sameBlock, samePlace } from "../model/place";
import type { TypedReading } from "../model/reading";
import { remembered } from "../model/remembered";
import { EVERY } from "../model/slices";
import type { WritingSettings } from "../model/writing";
import { all } from "../ui/dom";
import { Progress } from "./progress";

/** How many units are shown at first, of one layer and direction; of several, half as many of each. */
export const FEW = 12;

/** What is chosen to be shown. */
export interface View {
  signal: string;
  /** The signal that the reader chose last, which a network without it cannot show. */
  wish: string;
  layer: number | "all";
  direction: number | "both";
  /** All units, or a few. */
  all: boolean;
  numbers: boolean;
  /** The view that is open. */
  tab: string | null;
  /** Whether the memory ledger is unfolded. */
  ledger: boolean;
  /** The chapter of the lesson that is open. */
  chapter: string | null;
}
/** Draw when the reading, the language or a choice has changed; mark, which must be cheap, when only the selection has
 * moved; refused when no other reading came though one was asked for. `draw` also runs before anything is read: check
 * `page.shown` first. */
export interface Panel {
  draw?(): void;
  mark?(): void;
  refused?(): void;
}
/** What some panels do for all others. */
export interface Commands {
  /** Read the text in the box, or something else. */
  ask(question?: Partial<ReadQuestion>): void;
  /** Whether what stands in the boxes is what is shown, and not on its way or without an answer. */
  stands(): boolean;
  alert(sentence: string): void;
  /** Whether something else is said in the picture's place. */
  isBlank(): boolean;
  /** Go to a place of the page. */
  go(place: Destination): void;
  /** Go there so that the browser's Back leads back. */
  visit(place: Destination): void;
  /** Open a chapter of the lesson. */
  openLesson(chapter: string): void;
  stopPlaying(): void;
  /** Open a view below. */
  showView(name: string): void;
  /** At which value a signal is held at a place, if it is. */
  heldAt(name: string, here: Here): number | null;
}
const NO_COMMANDS: Commands = {
  ask: () => {},
  stands: () => false,
  alert: () => {},
  isBlank: () => false,
  go: () => {},
  visit: () => {},
  openLesson: () => {},
  stopPlaying: () => {},
  showView: () => {},
  heldAt: () => null,
};

type Range = readonly [number, number];

/** Where a class's answers to one question about one text are counted. */
export interface ClassRoom {
  /** Of the server's room; null where no server counts, and the answers come as codes. */
  key: string | null;
  /** With which the server shows this browser the counts. */
  pass: string;
  /** The link for the class, for whoever asks; null for those who answer. */
  link: string | null;
  asking: Asking;
  model: string;
  text: string;
}

class PageState extends Names {
  readonly root: HTMLElement;
  /** Whoever answers; a saved picture has nobody. */
  readonly host: Host;
  /** The reading that is shown; null at first. */
  shown: TypedReading | null = null;
  view: Readonly<View> = {
    signal: "",
    wish: "",
    layer: 0,
    direction: 0,
    all: false,
    numbers: false,
    tab: null,
    ledger: false,
    chapter: null,
  };
  hovered: Place = NOWHERE;
  pinned: Place = NOWHERE;
  /** The pinned place, as long as the arrow keys have brought it there and nothing else was pressed. */
  stepped: Place | null = null;
  /** The first and last of the words chosen with shift. */
  range: Range | null = null;
  holds: readonly Hold[] = [];
  /** While the sentence is played, the last word that has been read. */
  played: number | null = null;
  /** The name of a network that a link asked for and that is not here, until something else is read. */
  missing: string | null = null;
  /** What the view Compare reads beside it, as far as that was chosen. */
  other: Readonly<{ model?: string; text?: string }> | null = null;
  /** What the view Compare has found last, and of what. */
  compared: Readonly<{ of: Question<"compare">; found: Comparison }> | null = null;
  /** What a teacher's link leaves out, and what it asks; "unknown" for what this page does not know. */
  hiddenPanels: ReadonlySet<string> = new Set<string>();
  asking: Asking | "unknown" | null = null;
  room: ClassRoom | null = null;
  /** The sentences of the packed batch, one a line. */
  batch: string;
  /** Where the words' columns begin and end, and how much of them is in view. */
  edges: readonly number[] = [0];
  width = 0;

  /** How far the visitor has come in the lesson. */
  readonly progress = new Progress();

  private readonly panels: Panel[] = [];
  private commands: Commands = NO_COMMANDS;
  private frame = 0;
  private still = false;
  /** The reading of which the class's question has been answered. */
  private revealed: string | null = null;
  private readonly known = new Map<string, Promise<Known>>();
  private readonly writings = new Map<string, WritingSettings>();
  private readonly findings = new Map<string, FindSettings>();
  private readonly slices = new Map<string, string>();

  constructor(root: HTMLElement, props: Props, host: Host) {
    super(props);
    this.root = root;
    this.host = host;
    this.batch = props.batch?.lines ?? "";
    if (props.about?.name) this.known.set(props.about.name, Promise.resolve(props.about));
  }

  get server(): Server | null {
    return this.host.server;
  }
  get reading(): TypedReading {
    if (!this.shown) throw new Error("nothing is read yet");
    return this.shown;
  }

  // --- elements ------------------------------------------------------------------------------------------------------

  readonly find = <E extends Element = HTMLElement>(selector: string): E | null => this.root.querySelector<E>(selector);
  readonly part = <E extends Element = HTMLElement>(selector: string): E => {
    const found = this.find<E>(selector);
    if (!found) throw new Error(`the page has no ${selector}`);
    return found;
  };

  // --- panels --------------------------------------------------------------------------------------------------------

  readonly add = (panel: Panel): void => {
    this.panels.push(panel);
  };
  readonly draw = (): void => {
    for (const panel of this.panels) panel.draw?.();
    this.mark();
  };
  /** A question to read another text, or the same with something held, was in vain: what is shown stays. */
  readonly refused = (): void => {
    for (const panel of this.panels) panel.refused?.();
  };
  /** At most once a frame, however many events there are. */
  readonly mark = (): void => {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(this.markNow);
  };
  /** At once: paper waits for no frame. */
  readonly markNow = (): void => {
    if (this.shown) for (const panel of this.panels) panel.mark?.();
  };
  /** Say what a panel does for the others. */
  readonly provide = (commands: Partial<Commands>): void => {
    this.commands = { ...this.commands, ...commands };
  };
  readonly ask: Commands["ask"] = (question) => this.commands.ask(question);
  readonly stands: Commands["stands"] = () => this.commands.stands();
  readonly alert: Commands["alert"] = (sentence) => this.commands.alert(sentence);
  readonly isBlank: Commands["isBlank"] = () => this.commands.isBlank();
  readonly go: Commands["go"] = (place) => this.commands.go(place);
  readonly openLesson: Commands["openLesson"] = (chapter) => this.commands.openLesson(chapter);
  readonly visit: Commands["visit"] = (place) => this.commands.visit(place);
  readonly stopPlaying: Commands["stopPlaying"] = () => this.commands.stopPlaying();
  readonly showView: Commands["showView"] = (name) => this.commands.showView(name);
  readonly heldAt: Commands["heldAt"] = (name, here) => this.commands.heldAt(name, here);

  // --- actions: the selection ----------------------------------------------------------------------------------------

  readonly hover = (place: Place | null): void => {
    if (this.still) return;
    this.hovered = place ?? NOWHERE;
    this.mark();
  };
  /** Ignore what lies under the pointer until it moves: the page has moved, not the pointer. */
  readonly holdStill = (): void => {
    this.still = true;
    this.hovered = NOWHERE;
    const release = () => {
      this.still = false;
    };
    for (const kind of ["pointermove", "keydown"]) addEventListener(kind, release, { capture: true, once: true });
  };
  /** Forget what is pointed at, without a drawing. */
  readonly leave = (): void => {
    this.hovered = NOWHERE;
  };
  /** Pin a place; a second time at the same place lets go of it. */
  readonly pin = (place: Place): void => {
    this.pinned = samePlace(place, this.pinned) ? NOWHERE : place;
    this.mark();
  };
  /** Pin a place in any case, whatever is pointed at. */
  readonly select = (place: Place): void => {
    this.hovered = NOWHERE;
    this.pinned = place;
    this.mark();
  };
  readonly letGo = (): void => {
    this.select(NOWHERE);
    this.range = null;
  };
  /** The arrow keys go to a place; along the words, that ends a range. */
  readonly stepTo = (place: Place, along: boolean): void => {
    this.select(place);
    this.stepped = place;
    if (along) this.range = null;
  };
  /** Something else than the arrow keys has decided. */
  readonly endStepping = (): void => {
    this.stepped = null;
  };
  /** Choose all words from one to another, or none. */
  readonly chooseRange = (one: number | null, other = one): void => {
    this.range = one === null || other === null ? null : [Math.min(one, other), Math.max(one, other)];
  };
  /** With shift, the words from a pinned one to another are chosen. */
  readonly extend = (anchor: number, end: number): void => {
    this.pinned = { ...this.pinned, token: anchor };
    this.chooseRange(anchor, end);
    this.mark();
  };
  readonly playTo = (token: number): void => {
    this.played = token;
    this.select({ ...this.pinned, token });
  };
  readonly endPlaying = (): void => {
    this.played = null;
    this.mark();
  };

  // --- actions: what is shown ----------------------------------------------------------------------------------------

  readonly choose = (changes: Partial<View>): void => {
    this.set(changes);
    if (changes.signal) this.set({ wish: changes.signal });
    this.draw();
  };
  /** The same without drawing, for what will be drawn anyway. */
  readonly set = (changes: Partial<View>): void => {
    this.view = { ...this.view, ...changes };
  };
  /** Show a reading. Layer, direction, signal and pin outlive it as far as they still mean the same.
   *
   * Returns whether it is another text's, network's or window's.
   */
  readonly accept = (reading: TypedReading, holds: readonly Hold[]): boolean => {
    const before = this.shown;
    this.shown = reading;
    if (this.speakOf(reading.model)) this.translate(this.root);
    this.holds = holds;
    if (!before || shapeOf(before) !== shapeOf(reading)) {
      this.set({ layer: reading.layers - 1, direction: 0 });
      this.pinned = { ...this.pinned, unit: null };
    }
    this.set({ signal: reading.find(this.view.wish) ? this.view.wish : reading.memory });
    this.hovered = NOWHERE;
    this.played = null;
    const elsewhere = !before || before.model !== reading.model || before.start !== reading.start;
    const { token } = this.pinned;
    if (this.range && this.range[1] >= reading.tokens.length) this.range = null;
    if (elsewhere || (token !== null && before.tokens[token] !== reading.tokens[token])) this.letGo();
    return elsewhere;
  };
  /** Choose what a link, an example or the tour names, as far as this reading has it. */
  readonly arrive = (wanted: Destination): void => {
    const { reading } = this;
    const { signal, layer, direction, all: whole, range } = wanted;
    if (signal !== undefined && reading.find(signal)) this.set({ signal, wish: signal });
    if (layer === "all" || isIndex(layer, reading.layers)) this.set({ layer });
    if (direction === "both" || isIndex(direction, reading.directions)) this.set({ direction });
    if (whole !== undefined) this.set({ all: Boolean(whole) });
    if (wanted.ledger !== undefined) this.set({ ledger: wanted.ledger });
    this.pinned = this.placeOf(wanted);
    const good = range?.length === 2 && range.every((t) => isIndex(t, reading.tokens.length));
    this.range = good ? [range[0], range[1]] : null;
  };
  private placeOf({ token, unit, at }: Destination): Place {
    const { reading } = this;
    const own = isIndex(at?.layer, reading.layers) && isIndex(at?.direction, reading.directions);
    const { layer, direction } = own ? (at as Block) : this.blocks()[0];
    const word = isIndex(token, reading.tokens.length) ? token : null;
    if (isIndex(unit, reading.units)) return { token: word, unit, layer, direction };
    return word === null ? NOWHERE : { token: word, unit: null, layer, direction };
  }
  /** Why there was no answer: the server is away; without one, a file of a network did not come. */
  readonly offline = (): string => this.say(this.host.python ? "offline" : "not_fetched");
  /** Offer another network, which is open in this browser. */
  readonly offerNetwork = (network: ModelOffer): void => {
    this.props.models.push(network);
  };
  readonly setMissing = (model: string | null): void => {
    this.missing = model;
  };
  readonly setOther = (other: Page["other"]): void => {
    this.other = other;
  };
  readonly setCompared = (compared: Page["compared"]): void => {
    this.compared = compared;
  };
  readonly setWriting = (model: string, settings: WritingSettings): void => {
    this.writings.set(model, settings);
  };
  readonly setFinding = (model: string, settings: FindSettings): void => {
    this.findings.set(model, settings);
  };
  readonly setSlice = (model: string, conditions: string): void => {
    this.slices.set(model, conditions);
  };
  readonly setBatch = (lines: string): void => {
    this.batch = lines;
  };
  readonly setWidth = (width: number): void => {
    this.width = width;
  };
  readonly setEdges = (edges: readonly number[]): void => {
    this.edges = edges;
  };

  // --- actions: for a class ------------------------------------------------------------------------------------------

  /** Leave panels out. */
  readonly hidePanels = (names: string[]): void => {
    const there = all(this.root, "[data-panel]");
    const nameOf = (node: HTMLElement) => node.dataset.panel ?? "";
    this.hiddenPanels = new Set(names.filter((name) => there.some((node) => nameOf(node) === name)));
    for (const node of there) node.classList.toggle("rv-off", this.hiddenPanels.has(nameOf(node)));
  };
  readonly askClass = (asking: Page["asking"]): void => {
    this.asking = asking;
  };
  readonly enterRoom = (room: ClassRoom | null): void => {
    this.room = room;
  };
  /** The room, as long as what is shown is what its question is about. */
  readonly roomHere = (): ClassRoom | null => {
    const { room, asking, shown } = this;
    const isHere = room?.asking === asking && room?.model === shown?.model && room?.text === shown?.text;
    return isHere ? room : null;
  };
  /** The class has answered: show what was covered, with a word pinned; or cover it again, with nothing chosen. */
  readonly reveal = (place: Place): void => {
    this.revealed = this.readingKey();
    this.pinned = place;
  };
  readonly cover = (): void => {
    this.pinned = NOWHERE;
    this.range = null;
    this.revealed = null;
  };
  readonly forgetAnswer = (): void => {
    this.revealed = null;
  };
  /**
   * Whether what would tell the answer to the class's question is covered, since it has not answered yet. Of a part
   * of a text it is not asked, nor where the network tells what comes next.
   */
  readonly covered = (): boolean =>
    this.asking !== null &&
    this.asking !== "unknown" &&
    !this.shown?.windowed &&
    !(this.shown && this.tellsNext(this.shown.model)) &&
    this.revealed !== this.readingKey();
  /** Whether the answers under the words are covered: the question is about a word. */
  readonly wordsCovered = (): boolean => (this.asking === "turn" || this.asking === "raised") && this.covered();
  private readonly readingKey = (): string => `${this.shown?.model}\n${this.shown?.text}`;

  // --- what follows from it ------------------------------------------------------------------------------------------

  /** The blocks of rows that the heatmap shows: top layer first, forward before backward. */
  readonly blocks = (): Rows[] => {
    const { reading, view } = this;
    const blocks = blocksOf(reading, view);
    const most = blocks.length > 1 ? FEW / 2 : FEW;
    return blocks.map(({ layer, direction }) => ({ layer, direction, rows: this.rows(layer, direction, most) }));
  };
  /** The units of a layer and direction that are shown, among them the one that is told of (`told`). */
  private readonly rows = (layer: number, direction: number, most: number): number[] => {
    const order = this.reading.order[layer][direction];
    if (this.view.all) return order;
    const few = order.slice(0, most);
    const told = this.told();
    if (told === null || !sameBlock(told, { layer, direction }) || few.includes(told.unit)) return few;
    return [...few.slice(0, most - 1), told.unit];
  };
  /** The unit that is told of while nothing is pointed at, so that no row comes and goes under the pointer; none while
   * a class guesses, to which its row would tell something, nor while the text is played. */
  private readonly told = (): Here | null => {
    const { pinned } = this;
    if (pinned.unit === null && (this.covered() || this.played !== null)) return null;
    return this.hereAt(pinned.token ?? this.firstToken(), pinned);
  };

  /** Where the page looks: what is pointed at, else what is pinned, else a good place to begin. */
  readonly here = (): Here => {
    const { hovered, pinned } = this;
    const token = hovered.token ?? pinned.token ?? this.firstToken();
    return this.hereAt(token, hovered.unit !== null ? hovered : pinned);
  };
  /** A word with the unit that is chosen, else with the one to which most happens there. */
  private readonly hereAt = (token: number, chosen: Place): Here => {
    const { reading, view } = this;
    if (chosen.unit !== null) return { token, unit: chosen.unit, layer: chosen.layer, direction: chosen.direction };
    return this.busiest(reading, Math.min(token, reading.tokens.length - 1), view.layer, view.direction);
  };
  /** Of all units of the layers and directions that are shown, the one whose memory this word changes most; of two alike,
   * the one that matters more. The few rows of the heatmap follow it, not the other way round. */
  private readonly busiest = remembered(
    (reading: TypedReading, token: number, layer: View["layer"], direction: View["direction"]): Here => {
      const memory = reading.signal(reading.memory);
      const places = blocksOf(reading, { layer, direction }).flatMap((block) =>
        reading.order[block.layer][block.direction].map((unit) => ({ token, unit, ...block })),
      );
      const changes = places.map(({ unit, ...block }) => {
        const before = reading.before(memory, token, unit, block.layer, block.direction);
        const after = reading.value(memory, token, unit, block.layer, block.direction);
        return before === undefined ? 0 : Math.abs(after - before);
      });
      return places[argmax(changes)];
    },
    2, // of the word that is pointed at, and of the one that is pinned
  );
  private readonly firstToken = (): number => {
    if (this.wordsCovered()) return 0;
    const last = this.reading.turns.lastIndexOf(true);
    return last < 0 ? this.reading.tokens.length - 1 : last;
  };
  /** While the text is played, whether what a unit holds at a word is still to come. */
  readonly toCome = (place: Block & { token: number }): boolean => {
    const { played } = this;
    if (played === null) return false;
    return place.token > played || (this.knowsAll(place) && played < this.reading.tokens.length - 1);
  };

  /** What the view Write shows of a network, as far as it was opened with it or a link asks for it. */
  readonly writingOf = (model: string): WritingSettings | null => this.writings.get(model) ?? null;

  /** What the view Find is to search a network's texts by. */
  readonly findingOf = (model: string): FindSettings => this.findings.get(model) ?? FIND_SETTINGS;

  /** The conditions of the set of texts that the view Slices shows. */
  readonly sliceOf = (model: string): string => this.slices.get(model) ?? EVERY;

  // --- questions -----------------------------------------------------------------------------------------------------

  /** What is known of a network without running it: asked once, empty where nobody answers. */
  readonly about = (model: string): Promise<Known> => {
    const there = this.known.get(model) ?? this.askAbout(model);
    this.known.set(model, there);
    return there;
  };
  private readonly askAbout = async (model: string): Promise<Known> => {
    try {
      const found = await this.server?.about_model?.({ model });
      if (found && found.error === undefined) return found;
    } catch {
      this.known.delete(model); // to be asked again
    }
    return {};
  };
  /** A question to one of the server's functions; of many, the last wins. Without a server there is no answer. */
  readonly asker = <Name extends keyof Server, Sent extends Question<Name> = Question<Name>>(
    name: Name,
    on: Handlers<Sent, Reply<Name>>,
  ): ((question: Sent) => void) => {
    const there = this.server?.[name];
    const ask = (question: Sent) => (there ? there(question) : Promise.reject(new Error("no server")));
    return lastWins(ask, { ...on, again: Boolean(on.again && there), patient: !this.host.python });
  };
}

/** The layers and directions that are shown: top layer first, forward before backward. */
const blocksOf = ({ layers }: TypedReading, { layer, direction }: Pick<View, "layer" | "direction">): Block[] => {
  const directions = direction === "both" ? [0, 1] : [direction];
  const shown = layer === "all" ? counting(layers).reverse() : [layer];
  return shown.flatMap((one) => directions.map((way) => ({ layer: one, direction: way })));
};
/** Whether something that a link names is an index into so many. */
const isIndex = (value: unknown, count: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < count;
const shapeOf = ({ cell, layers, directions, units }: TypedReading) => [cell, layers, directions, units].join();

/** The page as panels see it. */
export type Page = Readonly<PageState>;

export const makePage = (root: HTMLElement, props: Props, host: Host): Page => new PageState(root, props, host);
