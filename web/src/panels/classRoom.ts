// How a class answers: in a room that the server counts, or by codes where there is no server. Whoever asks sees the
// link as a QR code and, at will, how often each answer was given; whoever has answered sees that too.

import { html, nothing, type TemplateResult } from "lit-html";
import type { Counts, Objection } from "../client/contract";
import type { OneOf } from "../client/types";
import { codeOf, countCodes } from "../model/answerCodes";
import { type Given, listed } from "../model/classAnswers";
import { sum } from "../model/numbers";
import { there } from "../model/there";
import type { ClassRoom, Page } from "../state/page";
import { targetOf } from "../ui/dom";
import { isLocal } from "../ui/isLocal";
import { qrCode } from "../ui/qrCode";

const ASK_MS = 3000;

/** The answers that there are, what they are called, and which are right; null before that is shown. */
export interface Answers {
  choices: number[];
  nameOf(choice: number): string;
  isRight: ((choice: number) => boolean) | null;
}

class RoomPanel {
  private readonly page: Page;
  private readonly changed: () => void;
  private readonly send: (question: { key: string; own_pass: string; choice: number }) => void;
  private readonly look: (question: { key: string; own_pass: string }) => void;
  /** Of which room, and what the server said of it last. */
  private key: string | null = null;
  private counts: Counts | null = null;
  private refused: Objection | null = null;
  private isOffline = false;
  /** Whether whoever asks looks at the answers. */
  private isOpen = false;
  private pasted = "";
  private timer: ReturnType<typeof setInterval> | null = null;

  constructor(page: Page, changed: () => void) {
    this.page = page;
    this.changed = changed;
    const use = (reply: OneOf<Counts | Objection>, { key }: { key: string }) => this.use(reply, key);
    const fail = () => this.miss();
    this.send = page.asker("room_answer", { again: true, use, fail });
    this.look = page.asker("room_counts", { use, fail });
  }

  /** Count an answer, once; whoever asks gives none. */
  answer(choice: number): void {
    const room = this.page.roomHere();
    if (room?.key && room.link === null) this.send({ key: room.key, own_pass: room.pass, choice });
  }

  /** What is shown of it. `choice` is what was answered here; null before that. */
  template(answers: Answers, choice: number | null): TemplateResult | typeof nothing {
    const { page } = this;
    const room = page.roomHere();
    this.follow(room);
    if (room?.link) return this.ofTeacher(room, room.link, answers);
    if (choice === null) return nothing;
    if (room) return this.ofStudent(answers);
    return page.server && !page.host.python ? this.code(choice) : nothing;
  }

  // --- the server counts ---------------------------------------------------------------------------------------------

  /** Ask for the counts as long as there is a room here of which they may be seen. */
  private follow(room: ClassRoom | null): void {
    if (room?.key !== this.key) {
      Object.assign(this, { key: room?.key ?? null, counts: null, refused: null, isOffline: false, isOpen: false });
    }
    const asks = room?.key && this.refused === null && (room.link !== null || this.counts !== null);
    if (asks && this.timer === null) {
      this.timer = setInterval(() => this.askAgain(), ASK_MS);
      if (this.counts === null) this.askAgain();
    } else if (!asks) this.stop();
  }
  private stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }
  private askAgain(): void {
    const room = this.page.roomHere();
    if (!room?.key) this.stop();
    else if (document.visibilityState === "visible") this.look({ key: room.key, own_pass: room.pass });
  }
  private use(reply: OneOf<Counts | Objection>, key: string): void {
    if (key !== this.key) return; // of a room that was left since
    this.isOffline = false;
    if (reply.error !== undefined) this.refused = reply;
    else this.counts = { ...reply, is_first: reply.is_first && this.counts?.is_first !== false };
    this.changed();
  }
  private miss(): void {
    this.isOffline = true;
    this.changed();
  }

  // --- what is shown -------------------------------------------------------------------------------------------------

  private ofTeacher(room: ClassRoom, link: string, answers: Answers): TemplateResult {
    const { page, isOpen } = this;
    const toggle = () => {
      this.isOpen = !isOpen;
      this.changed();
    };
    const given = this.given(room);
    return html`<div class="rv-room" data-key=${room.key ?? nothing}
      ><div class="rv-room-link">${qrCode(link, page.say("class_qr"))}${
        isLocal() ? html`<p class="rv-fine">${page.say("class_local")}</p>` : nothing
      }</div
      ><div class="rv-room-given">${this.standing(room, given)}${room.key === null ? this.codes(room) : nothing}<div class="rv-room-tools"
          ><button type="button" class="rv-button" aria-expanded=${isOpen} @click=${toggle}>${page.say(isOpen ? "room_hide" : "room_show")}</button
          ><button type="button" class="rv-button" @click=${() => this.end()}>${page.say("room_end")}</button></div
        >${isOpen ? this.table(answers, given) : nothing}</div></div>`;
  }
  private ofStudent(answers: Answers): TemplateResult {
    const { page, counts } = this;
    const given = this.given(there(page.roomHere()));
    return html`<div class="rv-room"><div class="rv-room-given">${this.standing(null, given)}${
      counts?.is_first === false ? html`<p>${page.say("room_first")}</p>` : nothing
    }${counts ? this.table(answers, given) : nothing}</div></div>`;
  }
  private code(choice: number): TemplateResult {
    const { model, text } = this.page.reading;
    const code = codeOf(choice, questionOf({ asking: this.page.asking, model, text }));
    return html`<p class="rv-room rv-room-code">${this.page.say("room_code")} <b>${code}</b></p>`;
  }

  private given(room: ClassRoom): Given {
    return room.key === null ? countCodes(this.pasted, questionOf(room)).given : new Map(this.counts?.given ?? []);
  }
  /** How many have answered, and how long the room is open; or why that is not known. */
  private standing(room: ClassRoom | null, given: Given): TemplateResult {
    const { page, counts, refused, isOffline } = this;
    const said = [];
    if (refused) said.push(page.objection(refused));
    else if (isOffline) said.push(page.say("room_offline"));
    else if (counts || room?.key === null) said.push(page.say("room_count", { count: sum([...given.values()]) }));
    if (!refused && counts && room) said.push(page.say("room_closes", { count: Math.ceil(counts.seconds / 60) }));
    return html`<p class="rv-room-said" role="status">${said.join(" ")}</p>`;
  }
  private codes(room: ClassRoom): TemplateResult {
    const { page } = this;
    const { strange } = countCodes(this.pasted, questionOf(room));
    const paste = (event: Event) => {
      this.pasted = (targetOf(event) as HTMLTextAreaElement).value;
      this.changed();
    };
    return html`<div class="rv-field"><label for="rv-room-codes">${page.say("room_paste")}</label
      ><textarea id="rv-room-codes" rows="3" spellcheck="false" autocomplete="off" @input=${paste}></textarea></div
      >${strange ? html`<p class="rv-alert">${page.say("room_strange", { count: strange })}</p>` : nothing}`;
  }
  private table({ choices, nameOf, isRight }: Answers, given: Given): TemplateResult {
    const { page } = this;
    const most = Math.max(1, ...given.values());
    const row = (choice: number) => {
      const count = given.get(choice) ?? 0;
      const right = isRight?.(choice);
      return html`<tr class=${right ? "rv-room-right" : ""}><th scope="row">${nameOf(choice)}${
        right ? html` <span>✓ ${page.say("room_right")}</span>` : nothing
      }</th><td><i aria-hidden="true" .style=${`width: ${(100 * count) / most}%`}></i></td><td>${page.count(count)}</td></tr>`;
    };
    return html`<table class="rv-tally"><caption class="rv-unseen">${page.say("room_table")}</caption
      ><colgroup><col><col><col></colgroup><tbody>${listed(choices, given).map(row)}</tbody></table>`;
  }

  /** Ask no more: the page is as it was, and the room closes by itself. */
  private end(): void {
    const { page } = this;
    this.pasted = "";
    page.enterRoom(null);
    page.askClass(null);
    page.draw();
  }
}

const questionOf = ({ asking, model, text }: { asking: string | null; model: string; text: string }): string =>
  [asking, model, text].join("\n");

export const classRoom = (page: Page, changed: () => void): RoomPanel => new RoomPanel(page, changed);
