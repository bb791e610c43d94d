// Save: the reading as a page of its own, as a picture, or as numbers.

import { html, render } from "lit-html";
import type { SaveReading } from "../client/contract";
import type { Language, Props } from "../client/types";
import { NAMES_OF_LANGUAGES } from "../i18n/speaker";
import { bytesOf } from "../model/base64";
import { described } from "../model/described";
import { there } from "../model/there";
import type { Described, Provenance } from "../model/viewData";
import type { Page, Panel } from "../state/page";
import { elementOf } from "../ui/element";
import { fileName, give } from "../ui/give";
import { provenance } from "../ui/saveData";
import { readingPicture } from "./readingPicture";

const STEPS: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

const skeleton = html`<div class="rv-menu" role="menu" hidden></div>`;

class SavePanel implements Panel {
  private readonly page: Page;
  private readonly control: HTMLElement;
  private readonly menu: HTMLElement;
  /** What each entry of the menu saves. */
  private readonly kinds: Record<string, () => Promise<unknown>>;

  constructor(page: Page) {
    this.page = page;
    this.control = page.part(".rv-save");
    this.menu = elementOf(skeleton);
    this.control.after(this.menu);
    const picture = readingPicture(page);
    const giveAs = (kind: string, blob: Blob) => give(blob, this.nameOf(kind));
    this.kinds = {
      html: () => this.savePage(),
      png: async () => giveAs("png", there(await picture.png(await this.provenance(this.chosen())))),
      svg: async () => giveAs("svg", picture.svg(await this.provenance(this.chosen()))),
      csv: () => this.saveNumbers("csv"),
      json: () => this.saveNumbers("json"),
      npz: () => this.saveNumbers("npz"),
    };
    this.listen();
  }

  draw(): void {
    const { page } = this;
    const offered = Object.keys(this.kinds).filter((kind) => page.server || kind === "png" || kind === "svg");
    const item = (kind: string) => html`<button type="button" class="rv-item" role="menuitem" tabindex="-1"
      data-kind=${kind} @click=${() => this.save(kind)}>${page.say(`save_${kind}`)}</button>`;
    render(offered.map(item), this.menu);
  }

  // --- the files -----------------------------------------------------------------------------------------------------

  private nameOf(kind: string): string {
    const { model, cell } = this.page.reading;
    return fileName(model || cell, null, kind);
  }
  private provenance(settings: Described["settings"]): Promise<Provenance> {
    const { reading, holds } = this.page;
    return provenance(this.page, {
      what: "reading",
      networks: [reading.model],
      texts: [reading.text],
      holds,
      settings,
    });
  }
  /** Which signals a picture shows. */
  private chosen(): Described["settings"] {
    const { signal, layer, direction, all } = this.page.view;
    return { signal, layer, direction, all };
  }
  private async saveNumbers(kind: SaveReading["kind"]): Promise<void> {
    const { page } = this;
    const { model, text } = page.reading;
    const found = await there(page.server).save_reading({ kind, model, text, holds: page.holds });
    if (found.empty) return;
    if (found.error !== undefined) page.alert(page.objection(found));
    else {
      const file = described[kind](bytesOf(found.data), await this.provenance({}));
      give(new Blob([file as BlobPart], { type: found.type }), this.nameOf(kind));
    }
  }
  /** The same script, this reading, this language, what is chosen: a file that needs nothing else. */
  private async savePage(): Promise<void> {
    const { page } = this;
    const found = await there(page.server).standalone(null);
    if (found.error !== undefined) {
      page.alert(page.objection(found));
      return;
    }
    const props = JSON.stringify(await this.props()).replace(/</g, "\\u003c");
    const file = found.shell.replace(found.place, () => props);
    give(new Blob([file], { type: "text/html" }), this.nameOf("html"));
  }
  private async props(): Promise<Props | object> {
    const { page } = this;
    const { reading, holds, range, view } = page;
    const { payload, text } = reading;
    const { token, unit, ...at } = page.pinned;
    const { signal, layer, direction, all, ledger } = view;
    const models = page.props.models.filter(({ name }) => name === payload.model);
    return {
      value: { ...payload, text, holds },
      provenance: await this.provenance(this.chosen()),
      version: page.props.version,
      words: page.dictionary(),
      language: page.language(),
      about: await page.about(payload.model),
      place: { token, unit, at, signal, layer, direction, all, range, ledger },
      models: models.map(({ name, tokens, task, english }) => ({
        name,
        title: page.titleOf(name),
        tokens,
        task,
        english,
      })),
      ...(await this.live()),
    };
  }
  /** What lets the reader of the file go on typing: the network, where it is small enough, and all languages. */
  private async live(): Promise<Partial<Props>> {
    const { page } = this;
    const networks = await page.host.inside(page.reading.model).catch(() => null);
    if (!networks) return {};
    const { batch, batches } = page.props;
    const named = Object.keys(NAMES_OF_LANGUAGES) as Language[];
    const words = await Promise.all(named.map((language) => there(page.server).words(language)));
    return { networks, batch, batches, dictionaries: Object.fromEntries(named.map((name, n) => [name, words[n]])) };
  }

  // --- the menu ------------------------------------------------------------------------------------------------------

  private save(kind: string): void {
    const { page } = this;
    this.close();
    this.control.focus();
    this.kinds[kind]().catch(() => page.alert(page.say("save_failed")));
  }
  private items(): HTMLElement[] {
    return [...this.menu.children] as HTMLElement[];
  }
  private open(): void {
    if (!this.page.shown || this.page.isBlank()) return;
    this.menu.hidden = false;
    this.control.setAttribute("aria-expanded", "true");
    this.items()[0].focus();
  }
  private close(): void {
    this.menu.hidden = true;
    this.control.setAttribute("aria-expanded", "false");
  }
  private press(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
      this.control.focus();
    }
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const items = this.items();
    const now = items.indexOf(document.activeElement as HTMLElement);
    items[(now + step + items.length) % items.length].focus();
  }
  private listen(): void {
    const { control, menu } = this;
    control.setAttribute("aria-expanded", "false");
    control.addEventListener("click", () => (menu.hidden ? this.open() : this.close()));
    menu.addEventListener("keydown", (event) => this.press(event));
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (!menu.contains(relatedTarget as Node | null) && relatedTarget !== control) this.close();
    });
  }
}

export const save = (page: Page): Panel => new SavePanel(page);
