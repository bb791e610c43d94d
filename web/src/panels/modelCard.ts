// About this network: its model card, opened on demand. The card's own texts are English; what is said around them is in
// the page's language.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Card } from "../client/contract";
import type { Known } from "../client/types";
import { visible } from "../model/text";
import type { Page, Panel } from "../state/page";
import { findings } from "../writing/findings";

const DOCUMENTS = "https://github.com/rnnviz/rnnviz/tree/main/docs";
const CARDS = "https://github.com/rnnviz/rnnviz/blob/main/checkpoints";

class ModelCardPanel implements Panel {
  private readonly page: Page;
  private readonly details: HTMLDetailsElement;
  private readonly body: HTMLElement;
  /** Of which network the card is shown or asked for. */
  private model = "";
  private known: Known | null = null;

  constructor(page: Page) {
    this.page = page;
    this.details = page.part<HTMLDetailsElement>(".rv-model-card");
    this.body = page.part(".rv-model-card-body");
    this.details.addEventListener("toggle", () => this.draw());
  }

  draw(): void {
    const { page, details } = this;
    if (!page.shown || !details.open) return;
    if (page.shown.model !== this.model) this.fetch(page.shown.model);
    this.render();
  }
  private fetch(model: string): void {
    this.model = model;
    this.known = null;
    this.page.about(model).then((known) => {
      if (model !== this.model) return;
      this.known = known;
      this.render();
    });
  }

  private render(): void {
    const { page, known } = this;
    const rows = known ? this.rows(known) : [];
    const said = known ? page.say("card_unknown") : page.say("waiting");
    render(rows.length ? html`<dl>${rows}</dl>${this.links()}` : html`<p class="rv-note">${said}</p>`, this.body);
  }
  private row(key: string, told: string | TemplateResult | undefined): TemplateResult[] {
    return told ? [html`<div><dt>${this.page.say(`card_${key}`)}</dt><dd>${told}</dd></div>`] : [];
  }
  private rows(known: Known): TemplateResult[] {
    const { page } = this;
    const { card = {}, labels = [] } = known;
    if (!known.cell) return [];
    const { seed, data, notes, command } = card;
    return [
      ...this.row("task", page.titleOf(this.model)),
      ...this.row("answers", labels.length ? page.list(page.classesOf(labels, this.model)) : undefined),
      ...this.row("size", this.size(known)),
      ...this.row("data", data && english(data)),
      ...this.row("licences", this.licences(card)),
      ...this.row("accuracy", this.accuracy(card)),
      ...this.row("seed", seed === undefined ? undefined : page.say("card_seed_is", { seed: page.count(seed) })),
      ...this.row("findings", card.findings && html`${findings(page, known)}`),
      ...this.row("limits", page.say("card_limits_are")),
      ...this.row("notes", notes && html`${notes.map((note) => html`<p lang="en">${visible(note)}</p>`)}`),
      ...this.row("made", command && html`<code lang="en">${visible(command)}</code>`),
    ];
  }
  private size({ cell, layers, directions, units, embedding, vocabulary }: Known): string {
    const { page } = this;
    const count = (value = 0) => page.count(value);
    return page.say("card_size_is", {
      cell: page.say(`cell_${cell}`),
      layers: count(layers),
      directions: count(directions?.length),
      units: count(units),
      embedding: count(embedding),
      vocabulary: count(vocabulary),
    });
  }
  private licences({ data_licence: data, weights_licence: weights }: Card): TemplateResult | undefined {
    const { page } = this;
    if (!data && !weights) return undefined;
    const line = (key: string, licence?: string) =>
      licence ? html`<p>${page.say(key)} ${english(licence)}</p>` : nothing;
    return html`${line("card_licence_data", data)}${line("card_licence_weights", weights)}`;
  }
  private accuracy({ scores = {} }: Card): TemplateResult | undefined {
    const { page } = this;
    const sets = Object.entries(scores);
    if (!sets.length) return undefined;
    const one = ([set, { accuracy, n }]: (typeof sets)[number]) => {
      const share = page.share(accuracy, { maximumFractionDigits: 1 });
      return html`<p>${page.say(`card_set_${set}`, { share, count: n })}</p>`;
    };
    return html`${sets.map(one)}`;
  }
  /** The network's own card is there for those that come with rnnviz, which have names in all languages. */
  private links(): TemplateResult {
    const { page, model } = this;
    const link = (key: string, address: string) =>
      html`<a href=${address} target="_blank" rel="noopener noreferrer" hreflang="en">${page.say(key)}</a> `;
    const own = page.has(`model_${model}`) ? link("card_whole", `${CARDS}/${model}/README.md`) : nothing;
    return html`<p class="rv-model-card-links">${own}${link("card_documents", DOCUMENTS)}</p>`;
  }
}

const english = (text: string): TemplateResult => html`<span lang="en">${visible(text)}</span>`;

export const modelCard = (page: Page): Panel => new ModelCardPanel(page);
