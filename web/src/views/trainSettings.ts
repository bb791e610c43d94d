// What is to be trained: the form of the view Train.

import type { CellKind, Offer, Offers, TrainQuestion } from "../client/types";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { type Attributes, make } from "../ui/dom";
import { ownFile } from "./ownFile";

export const trainSettings = (page: Page, offered: Offers, go: HTMLButtonElement) => {
  const PRESETS = ["low", "good", "high"] as const;
  let cell: CellKind = "lstm";
  const node = make("form", { class: "rv-train-settings", autocomplete: "off" });
  const task = make("select", { id: "rv-train-task" });
  const example = make("p", { class: "rv-note rv-train-example" });
  const file = ownFile(page);
  const cells = make("div", { class: "rv-tabs", role: "radiogroup", "data-say-label": "train_cell" });
  const rates = make("div", { class: "rv-tabs", role: "radiogroup", "data-say-label": "train_rate" });
  const number = (name: string, limits: Attributes) =>
    make("input", { type: "number", id: `rv-train-${name}`, required: "", ...limits });
  const units = number("units", { min: offered.units.least, max: offered.units.most, step: 1 });
  const length = number("length", { step: 1 });
  const rate = number("rate", {
    min: offered.learning_rate.least,
    max: offered.learning_rate.most,
    step: "any",
    "data-say-label": "train_rate_number",
  });
  const watch = make("input", {
    type: "text",
    id: "rv-train-watch",
    maxlength: 400,
    "data-say-hint": "train_watch_hint",
  });
  const field = (key: string, ...inside: HTMLElement[]) =>
    make("div", { class: "rv-field" }, make("label", { "data-say": key, for: inside[0].id || null }), ...inside);
  const lengthField = field("train_length", length);
  node.append(
    field("train_task", task, example),
    file.node,
    field("train_cell", cells),
    make("div", { class: "rv-train-numbers" }, field("train_units", units), lengthField),
    field("train_rate", rates, rate),
    field("train_watch", watch),
    go,
  );
  walkable(cells);
  walkable(rates);

  const own = () => task.value === "";
  const taskOf = (name: string) => offered.tasks.find((one) => one.name === name);
  const offer = (name = task.value): Offer => taskOf(name) ?? offered.file;

  const presets = () => {
    const chosen = PRESETS.findIndex((name) => offer().rates[name] === Number(rate.value));
    choices(
      rates,
      PRESETS.map((name) => page.say(`train_rate_${name}`)),
      chosen,
      (place) => {
        rate.value = String(offer().rates[PRESETS[place]]);
        presets();
      },
    );
    // None is chosen, and the keyboard still gets there.
    if (chosen < 0) rates.firstElementChild?.setAttribute("tabindex", "0");
  };
  const kinds = () => {
    choices(
      cells,
      offered.cells.map((name) => page.say(`cell_${name}`)),
      offered.cells.indexOf(cell),
      (place) => {
        cell = offered.cells[place];
        kinds();
      },
    );
  };
  const explain = () => {
    const found = taskOf(task.value);
    if (!found) return;
    const { watch: text, classes } = found;
    example.textContent = page.say("train_example", { text, names: page.list(classes.map(page.classOf)) });
  };
  const chosen = () => {
    const { rates: all, units: some, length: allowed } = offer();
    rate.value = String(all.good);
    units.value = String(some);
    lengthField.hidden = !allowed;
    length.disabled = !allowed; // what is hidden must not stand in the way of Start
    if (allowed) Object.assign(length, { min: allowed.least, max: allowed.most, value: allowed.default });
    file.node.hidden = !own();
    example.hidden = own();
    explain();
    watch.value = "";
    presets();
    ready();
  };
  const ready = () => {
    go.disabled = own() && !file.found();
  };
  const tasks = () => {
    const before = Math.max(0, task.selectedIndex);
    const names = [...offered.tasks.map(({ name }) => name), ...(offered.own_files ? [""] : [])];
    task.replaceChildren(
      ...names.map((name) => make("option", { value: name }, page.say(name ? `train_task_${name}` : "train_task_own"))),
    );
    task.selectedIndex = before;
  };
  tasks();
  chosen();
  task.addEventListener("change", chosen);
  rate.addEventListener("input", presets);
  file.node.addEventListener("received", ready);

  const draw = () => {
    tasks();
    kinds();
    presets();
    explain();
    file.draw();
  };
  const question = (): TrainQuestion => ({
    ...(own() ? { data: file.found()?.ticket } : { task: task.value }),
    ...(length.disabled ? {} : { length: Number(length.value) }),
    cell,
    units: Number(units.value),
    learning_rate: Number(rate.value),
    watch: watch.value,
  });
  return {
    node,
    draw,
    question,
    rates: (asked: TrainQuestion) => offer(asked.task ?? "").rates,
    // Curves of one subject may stand in one picture.
    subject: (asked: TrainQuestion | undefined) => JSON.stringify([asked?.task, asked?.data, asked?.length]),
    classes: (asked: TrainQuestion) => (asked.task ? taskOf(asked.task) : file.found())?.classes.length ?? 0,
  };
};
