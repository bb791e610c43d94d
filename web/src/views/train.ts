// Train: a small network learns while one watches.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Offers } from "../client/types";
import { isDark } from "../model/colours";
import { last } from "../model/numbers";
import { isOpen, sameTexts, withCurves } from "../model/run";
import type { LabChoice } from "../model/truncation";
import type { Page } from "../state/page";
import { countUp, onWidth } from "../ui/dom";
import type { Saves } from "../ui/saveData";
import { trainCurves } from "./trainCurves";
import { trainedNetwork } from "./trainedNetwork";
import { training } from "./training";
import { trainLab } from "./trainLab";
import { trainSentences } from "./trainSentences";
import { trainSettings } from "./trainSettings";
import type { View } from "./views";
import { watchedSentence } from "./watchedSentence";

class TrainView implements View {
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly training: ReturnType<typeof training>;
  private readonly says: ReturnType<typeof trainSentences>;
  private readonly settings: ReturnType<typeof trainSettings>;
  private readonly network: ReturnType<typeof trainedNetwork>;
  private readonly curves: ReturnType<typeof trainCurves>;
  private readonly lab: ReturnType<typeof trainLab>;
  private readonly sentence: ReturnType<typeof watchedSentence>;
  /** The part beside the settings. */
  private readonly shown: HTMLElement;
  /** The language, theme and width that it was drawn for. */
  private drawnFor = "";

  constructor(box: HTMLElement, page: Page, offers: Offers) {
    this.box = box;
    this.page = page;
    this.training = training(page, () => this.show());
    this.says = trainSentences(page, offers);
    this.network = trainedNetwork(page);
    box.dataset.seq = "0";
    render(this.template(), box);
    this.settings = trainSettings(page.part(".rv-train-settings"), page, offers, () => {
      this.drawCurves();
      this.drawLab();
    });
    this.curves = trainCurves(page.part(".rv-train-curves"), page);
    this.lab = trainLab(page.part(".rv-train-lab"), page, (choice) => this.startLab(choice));
    this.sentence = watchedSentence(page.part(".rv-train-watched"), page);
    this.shown = page.part(".rv-train-shown");
    onWidth(this.shown, () => this.draw());
    // A page that is left without a word falls silent, and is given up after a few seconds.
    addEventListener("pagehide", () => this.training.stop());
  }

  /** A training goes on while one looks at another view, and the page's reading has nothing to do with it. */
  draw(): void {
    const { page } = this;
    const key = [page.language(), isDark(), this.shown.clientWidth].join();
    if (key === this.drawnFor) return;
    this.drawnFor = key;
    this.show();
    page.translate(this.box); // the table
  }

  readonly saves: Saves = { train: { of: () => this.curves.savable(), hasPicture: true } };

  private show(): void {
    const { box } = this;
    const { run } = this.training;
    box.dataset.state = run?.state ?? "idle";
    render(this.template(), box);
    this.settings.draw(isOpen(run));
    this.drawCurves();
    this.drawLab();
    this.sentence.draw(run?.answer.watch);
    countUp(box);
  }
  /** Those of the runs from the same texts; before the first one, the axes for what is chosen. */
  private drawCurves(): void {
    const { run, earlier } = this.training;
    const runs = run ? [run, ...earlier.filter((one) => sameTexts(one, run))] : [];
    this.curves.draw(withCurves(runs), run?.classes ?? this.settings.classes());
  }
  private drawLab(): void {
    const { settings } = this;
    const { run, measured } = this.training;
    const [chosen, classes] = [settings.question(), settings.classes()];
    this.lab.draw({ run, isOpen: isOpen(run), measured, chosen, classes });
  }
  private template(): TemplateResult {
    const { page, says } = this;
    const { run, notice } = this.training;
    const { curve, error } = run?.answer ?? {};
    return html`<div class="rv-train-body"
      ><form class="rv-train-settings" autocomplete="off" @submit=${this.submit}></form
      ><div class="rv-train-shown"
        ><div class="rv-notices" role="status" aria-live="polite"
          >${notice ? html`<p class="rv-alert">${notice}</p>` : nothing}</div
        ><div role="status" aria-live="polite"
          ><p class=${error ? "rv-said rv-train-failed" : "rv-said"}>${says.story(run)}</p
          ><p class="rv-train-more">${says.detail(run)}</p></div
        >${isOpen(run) ? nothing : this.network.tools(run)}<progress max="1" .value=${curve?.fraction.length ? last(curve.fraction) : 0} ?hidden=${!isOpen(run)}
          aria-label=${page.say("train_progress")}></progress
        ><p class="rv-found">${says.moment(run)}</p
        ><div class="rv-train-curves"></div
        ><div class="rv-train-lab"></div
        ><div class="rv-train-watched"></div>${isOpen(run) ? nothing : this.network.opener()}</div></div>`;
  }

  /** The form shows what is trained, but for the seed. */
  private startLab({ length, detach, seed }: LabChoice): void {
    const { settings } = this;
    settings.chooseCut(length, detach);
    this.training.start({ ...settings.question(), seed }, settings.classes());
  }
  private readonly submit = (event: Event): void => {
    event.preventDefault();
    const { settings } = this;
    if (isOpen(this.training.run)) this.training.stop();
    else this.training.start(settings.question(), settings.classes());
  };
}

/** In the place of the view where nobody may train. */
const closed = (box: HTMLElement, page: Page): View => ({
  draw: () => {
    render(html`<p class="rv-note">${page.say("train_off")}</p>`, box);
  },
});

export const train = (box: HTMLElement, page: Page): View => {
  const offers = page.props.training;
  box.classList.add("rv-train");
  return offers?.allowed ? new TrainView(box, page, offers) : closed(box, page);
};
