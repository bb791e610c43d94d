// What can be done with a network that was trained in this browser, or that a visitor brings: look at it, save it.

import { html, nothing, type TemplateResult } from "lit-html";
import type { OpenedHere } from "../client/ownNetworks";
import type { Trained } from "../engine/training/learning";
import type { Run } from "../model/run";
import type { Page } from "../state/page";
import { give } from "../ui/give";

class TrainedNetwork {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    if (page.host.own) this.listen();
  }

  /** Buttons for the network of a run; nothing where Python has it, or where nothing has been learned yet. */
  tools(run: Run | null): TemplateResult | typeof nothing {
    const { page } = this;
    const trained = run?.ticket ? page.host.trained(run.ticket) : null;
    if (!trained || !run) return nothing;
    const text = run.answer.watch?.tokens.join(" ");
    return html`<p class="rv-train-tools"><button type="button" class="rv-button"
        @click=${() => this.open(trained, text)}>${page.say("train_open")}</button
      ><button type="button" class="rv-button" @click=${() => this.save(trained)}>${page.say("train_save")}</button></p>`;
  }
  /** A button with which a visitor opens a checkpoint from a zip file. */
  opener(): TemplateResult | typeof nothing {
    const { page } = this;
    if (!page.host.own) return nothing;
    return html`<p class="rv-train-tools"><label class="rv-button">${page.say("open_checkpoint")}<input
        type="file" class="rv-unseen" accept=".zip" @change=${this.choose}></label></p
      ><p class="rv-note">${page.say("open_checkpoint_hint")}</p>`;
  }

  private async open(trained: Trained, text: string | undefined): Promise<void> {
    const { page } = this;
    const { task, cell, units, learningRate } = trained.wanted;
    const run = page.say("train_run", { cell: page.say(`cell_${cell}`), count: units, rate: learningRate });
    const opened = (await page.host.own?.openTrained(trained)) ?? null;
    const title = `${page.say(`train_task_${task}`)} · ${run}`; // in the reader's language, unlike the file's own
    this.show(opened && { ...opened, title }, text);
  }
  private async save(trained: Trained): Promise<void> {
    const zip = await this.page.host.own?.zipOf(trained);
    const { task, cell } = trained.wanted;
    if (zip) give(new Blob([zip], { type: "application/zip" }), `${task}-${cell}.zip`);
  }
  private async openFile(file: File | undefined): Promise<void> {
    if (!file) return;
    const zip = new Uint8Array(await file.arrayBuffer());
    this.show((await this.page.host.own?.openZip(zip)) ?? null);
  }
  /** Read with a network that is open now; else say what is wrong with it. */
  private show(opened: OpenedHere, text = this.page.shown?.text): void {
    const { page } = this;
    if (opened === null) page.alert(page.say("open_checkpoint_failed"));
    else if ("refused" in opened) page.alert(page.objection(opened.refused));
    else {
      page.offerNetwork({ ...opened, example: text });
      page.draw();
      page.visit({ model: opened.name, text });
      page.root.scrollIntoView();
    }
  }

  private readonly choose = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    this.openFile(input.files?.[0]);
    input.value = ""; // so that the same file can be chosen again
  };
  private listen(): void {
    const { root } = this.page;
    root.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    root.addEventListener("drop", (event) => {
      const file = event.dataTransfer?.files[0];
      if (!file) return; // a text that is dropped goes into its box
      event.preventDefault();
      this.openFile(file);
    });
  }
}

export const trainedNetwork = (page: Page): TrainedNetwork => new TrainedNetwork(page);
