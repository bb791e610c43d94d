// A table of the visitor's own, sent to this machine's server in parts, as large as a question may be.

import type { Objection, Table } from "../client/contract";
import { visible, wellFormed } from "../model/text";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { make } from "../ui/dom";

interface State {
  ticket: string | null;
  /** The file as it was received. */
  found: { ticket?: string; classes: string[] } | null;
  columns: string[];
  /** The columns that were chosen. */
  text: string;
  label: string;
  /** What is said of the file; a function, since the language may change. */
  said(): string;
  /** Counts the files, so that an answer about an earlier one is not heard. */
  turn: number;
}

export const ownFile = (page: Page) => {
  const PART = 45000; // bytes; 60,000 letters as they are sent
  const state: State = { ticket: null, found: null, columns: [], text: "", label: "", said: () => "", turn: 0 };
  const input = make("input", { type: "file", id: "rv-train-file", accept: ".csv,.tsv,.txt" });
  const told = make("p", { class: "rv-train-file-said", role: "status", "aria-live": "polite" });
  const text = make("select", { id: "rv-train-text" });
  const label = make("select", { id: "rv-train-label" });
  const columns = make(
    "div",
    { class: "rv-train-numbers", hidden: "" },
    make("div", { class: "rv-field" }, make("label", { for: text.id, "data-say": "train_text_column" }), text),
    make("div", { class: "rv-field" }, make("label", { for: label.id, "data-say": "train_label_column" }), label),
  );
  const node = make(
    "div",
    { class: "rv-field rv-train-file", "data-state": "none" },
    make("label", { for: input.id, "data-say": "train_file" }),
    input,
    told,
    columns,
    make("p", { class: "rv-note", "data-say": "train_file_kept" }),
  );

  const draw = () => {
    told.textContent = state.said();
    columns.hidden = !state.columns.length;
    const chosenIn: [HTMLSelectElement, string][] = [
      [text, state.text],
      [label, state.label],
    ];
    for (const [select, chosen] of chosenIn) {
      select.replaceChildren(
        make("option", { value: "" }, page.say("train_column_found")),
        ...state.columns.map((name) => make("option", { value: name }, visible(name))),
      );
      select.value = state.columns.includes(chosen) ? chosen : "";
    }
  };
  const become = (name: string, said: () => string) => {
    node.dataset.state = name;
    state.said = said;
    draw();
    node.dispatchEvent(new Event("received"));
  };
  const lost = () => become("failed", () => page.say("train_offline"));
  const read = (answer: Partial<Table & Objection>) => {
    state.columns = answer.columns ?? [];
    if (answer.error !== undefined) return become("failed", () => page.objection(answer));
    const { ticket, classes = [] } = answer;
    state.found = { ticket, classes };
    const names = () => page.list(classes.map((name) => `\u2068${visible(name)}\u2069`));
    become("received", () =>
      page.say("train_file_found", { count: answer.rows, classes: page.count(classes.length), names: names() }),
    );
  };

  const send = async (chosen: File) => {
    const turn = ++state.turn;
    Object.assign(state, { ticket: null, found: null, columns: [], text: "", label: "" });
    for (let part = 0, at = 0; part === 0 || at < chosen.size; part += 1, at += PART) {
      become("sending", () => page.say("train_sending", { share: page.share(at / Math.max(1, chosen.size)) }));
      const bytes = new Uint8Array(await chosen.slice(at, at + PART).arrayBuffer());
      const question = {
        ticket: state.ticket,
        name: wellFormed(chosen.name),
        part,
        text: btoa(String.fromCharCode(...bytes)),
        last: at + PART >= chosen.size,
      };
      const answer = await there(page.server).train_receive(question);
      if (turn !== state.turn) return; // another file was chosen since
      state.ticket = answer.ticket ?? state.ticket;
      if (answer.error || question.last) return read(answer);
    }
  };
  const again = async () => {
    const turn = ++state.turn;
    state.found = null;
    Object.assign(state, { text: text.value, label: label.value });
    become("sending", () => page.say("waiting"));
    const answer = await there(page.server).train_receive({
      ticket: state.ticket,
      last: true,
      text_column: state.text,
      label_column: state.label,
    });
    if (turn === state.turn) read({ columns: state.columns, ...answer });
  };
  input.addEventListener("change", () => {
    const chosen = input.files?.[0];
    if (chosen) send(chosen).catch(lost);
  });
  columns.addEventListener("change", () => {
    if (Boolean(text.value) === Boolean(label.value)) again().catch(lost); // both are chosen, or neither
  });
  return { node, draw, found: () => state.found };
};
