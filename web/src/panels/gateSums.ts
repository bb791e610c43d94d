// The cell opened: W x, U h′ and b, and the gate that their sum becomes. The server is asked for them when the reader
// opens them, and again when the pinned or played word or the unit changes.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { OpenedCell, PlainGate, Push, ScaledGate } from "../client/contract";
import type { OneOf, Question, Reply } from "../client/types";
import { digitsFor } from "../model/numbers";
import type { Reading } from "../model/reading";
import type { Page, Panel } from "../state/page";
import { countUp, tell } from "../ui/dom";

type Gate = OneOf<PlainGate | ScaledGate>;
type Asked = Question<"open_cell">;

const COLUMNS = ["W x", "U h′", "b", "Σ", ""];

/** Whether it is the candidate of a GRU, of which the reset gate scales what comes from the state. */
const isScaled = (sum: Gate): sum is Extract<Gate, ScaledGate> => sum.inner !== undefined;

class GateSumsPanel implements Panel {
  private readonly page: Page;
  private readonly control: HTMLElement;
  private readonly box: HTMLElement;
  private readonly ask: (question: Asked) => void;
  private isOpen = false;
  /** The place that was asked for last. */
  private asked = "";
  private found: (OpenedCell & { of: Reading }) | null = null;
  /** Which reading a question is about. */
  private readonly readings = new WeakMap<Asked, Reading>();

  constructor(page: Page) {
    this.page = page;
    this.control = page.part(".rv-open");
    this.box = page.part(".rv-opened");
    this.ask = page.asker("open_cell", {
      again: true,
      use: (answer, question) => this.use(answer, question),
      fail: () => this.alert(page.offline()),
    });
    this.control.addEventListener("click", () => this.toggle());
  }

  draw(): void {
    const { page, control, box, isOpen } = this;
    tell(control, page.say(isOpen ? "close_sum" : "open_sum"));
    control.setAttribute("aria-expanded", String(isOpen));
    box.hidden = !isOpen;
    this.asked = "";
    if (isOpen && this.found) this.show();
  }

  /** Ask about what is pinned or played, not about what is only pointed at. */
  mark(): void {
    const { page, isOpen } = this;
    const { reading, hovered } = page;
    if (!isOpen || hovered.token !== null || hovered.unit !== null) return;
    const here = page.here();
    const token = reading.start + here.token;
    const key = [token, here.unit, here.layer, here.direction].join();
    if (key === this.asked) return;
    this.asked = key;
    const question = { model: reading.model, text: reading.text, holds: page.holds, ...here, token };
    this.readings.set(question, reading);
    this.ask(question);
  }

  private toggle(): void {
    this.isOpen = !this.isOpen;
    this.found = null;
    this.draw();
    if (this.isOpen) this.show();
    this.mark();
  }
  private use(answer: Reply<"open_cell">, question: Asked): void {
    const { page } = this;
    const { reading } = page;
    // Another reading is shown by now, and will ask for itself.
    if (!this.isOpen || this.readings.get(question) !== reading || answer.empty) return;
    if (answer.error !== undefined) {
      this.alert(page.objection(answer));
      return;
    }
    this.found = { ...answer, of: reading };
    this.show();
    countUp(this.box);
  }

  private alert(sentence: string): void {
    render(html`<p class="rv-alert">${sentence}</p>`, this.box);
  }
  private show(): void {
    const { page, found } = this;
    const { reading } = page;
    const isHere = found?.of === reading && reading.tokens[found.token - reading.start] !== undefined;
    render(found && isHere ? this.sums(found) : html`<p class="rv-hint">${page.say("waiting")}</p>`, this.box);
  }

  private sums(found: OpenedCell): TemplateResult {
    const { page } = this;
    const { token, unit, gates, units, features } = found;
    const title = page.say("opened_title", { word: page.token(token - page.reading.start), unit });
    const scaled = gates.find(isScaled);
    const [reset, inner] = [page.signed(scaled?.reset ?? 0), page.signed(scaled?.inner ?? 0)];
    const scaling = scaled ? html`<p class="rv-hint">${page.say("opened_reset", { reset, inner })}</p>` : nothing;
    return html`<p class="rv-open-title">${title}</p
      ><p class="rv-hint">${page.say("pushes")}</p
      ><table><thead><tr><th scope="row"></th>${COLUMNS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead
      ><tbody>${gates.map((gate) => this.gate(gate))}</tbody></table
      >${scaling}<p class="rv-hint">${page.say("opened_shapes", { units, features })}</p
      ><p class="rv-hint">${this.source(found)}</p>`;
  }
  private gate(sum: Gate): TemplateResult {
    const { page } = this;
    const fromHidden = isScaled(sum) ? sum.reset * sum.inner : sum.from_hidden;
    const parts = [sum.from_input, fromHidden, sum.bias];
    const digits = digitsFor(parts, sum.sum);
    const value = page.signed(sum.value);
    const held = html`<tr><td colspan="6" class="rv-note-held">${page.say("opened_held", { value })}</td></tr>`;
    return html`<tr title=${page.nameOf(page.reading.signal(sum.name))}><th scope="row">${sum.symbol}</th
      >${[...parts, sum.sum].map(
        (part) => html`<td>${page.signed(part, digits)}</td>`,
      )}<td><i>${sum.squash} </i>${value}</td></tr
      >${sum.held ? held : nothing}<tr class="rv-pushes"><td colspan="6"
      >${sum.pushes.map((push) => this.push(push))}</td></tr>`;
  }
  /** A unit of the state that pushes the gate far; a click selects it. */
  private push({ unit, push }: Push): TemplateResult {
    const { page } = this;
    const select = () => {
      const { token, layer, direction } = page.here();
      page.select({ token, unit, layer, direction });
    };
    const name = `${page.say("unit", { unit })} ${push > -0.005 ? "+" : ""}${page.signed(push)}`;
    return html`<button type="button" class="rv-push" @click=${select}>${name}</button>`;
  }
  /** What x is: the embedding of a known or an unknown word, or what the layer below shows. */
  private source({ token, layer }: OpenedCell): string {
    const { page } = this;
    const t = token - page.reading.start;
    if (layer) return page.say("opened_below", { layer, word: page.token(t) });
    return page.say(page.reading.unknown[t] ? "opened_unknown" : "opened_word", { word: page.token(t) });
  }
}

export const gateSums = (page: Page): Panel => new GateSumsPanel(page);
