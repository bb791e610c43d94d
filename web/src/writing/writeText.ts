// A text of the view Write: a sign for each letter, coloured; letters that are added leave the others as they are.

import type { Letter } from "../engine/write";
import { joins } from "../model/signs";
import { visible } from "../model/text";
import { closest } from "../ui/dom";

/** How one letter looks. */
export interface Look {
  background: string;
  ink: string;
  title: string;
}
export interface ShownText {
  letters: readonly Letter[];
  /** Of these, so many are shown. */
  shown: number;
  start: number;
  /** Null for no colour. */
  look(place: number): Look | null;
  differs(place: number): boolean;
  /** Whether another seed begins here. */
  isFork(place: number): boolean;
  /** While this stays the same, what was drawn stays. */
  key: string;
}

const LINE = "↵\n";
/** Spaces and tabs stay as they are, so that lines break as they should. */
const signOf = (token: string): string =>
  token === "\n" ? LINE : token === " " || token === "\t" ? token : visible(token);

export class WriteText {
  readonly box: HTMLElement;
  /** By letter, the sign that shows it. */
  private signs: HTMLElement[] = [];
  private key = "";
  private marked: HTMLElement | null = null;

  constructor(box: HTMLElement) {
    this.box = box;
  }

  draw(text: ShownText): void {
    const atEnd = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 40;
    if (text.key !== this.key) this.signs = [];
    if (!this.signs.length) this.box.replaceChildren();
    this.key = text.key;
    const count = Math.min(text.shown, text.letters.length);
    while (this.signs.length > count) this.drop(text);
    for (let place = this.signs.length; place < count; place += 1) this.add(text, place);
    if (atEnd) this.box.scrollTop = this.box.scrollHeight;
  }
  mark(place: number | null): void {
    const sign = place === null ? null : (this.signs[place] ?? null);
    if (sign === this.marked) return;
    this.marked?.classList.remove("rv-marked");
    sign?.classList.add("rv-marked");
    this.marked = sign;
  }
  show(place: number): void {
    this.signs[place]?.scrollIntoView({ block: "nearest" });
  }
  /** The last letter of the sign that an event is at. */
  placeOf(event: Event): number | null {
    const place = closest(event, "[data-place]")?.dataset.place;
    return place === undefined ? null : Number(place);
  }

  /** Take the last letter away; a sign that others made with it stays, as it was before. */
  private drop(text: ShownText): void {
    const place = this.signs.length - 1;
    const sign = this.signs.pop();
    if (!sign || this.signs[place - 1] !== sign) sign?.remove();
    else {
      sign.textContent = (sign.textContent ?? "").slice(0, -text.letters[place].token.length);
      paint(sign, text, place - 1);
    }
  }
  private add(text: ShownText, place: number): void {
    const { token } = text.letters[place];
    const before = this.signs[place - 1];
    const isJoined = before !== undefined && joins(before.textContent ?? "", token);
    const sign = isJoined ? before : document.createElement("span");
    if (isJoined) sign.textContent += token;
    else {
      sign.textContent = signOf(token);
      this.box.append(sign);
    }
    paint(sign, text, place);
    this.signs.push(sign);
  }
}

/** Have a sign look like the last letter of it. */
const paint = (sign: HTMLElement, text: ShownText, place: number): void => {
  const look = text.look(place);
  sign.dataset.place = String(place);
  sign.style.backgroundColor = look?.background ?? "";
  sign.style.color = look?.ink ?? "";
  sign.title = look?.title ?? "";
  sign.classList.toggle("rv-begun", place < text.start);
  sign.classList.toggle("rv-differs", text.differs(place));
  sign.classList.toggle("rv-forked", text.isFork(place));
};
