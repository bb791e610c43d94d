// The lesson beside the pictures: each “?” opens, under its heading, what its picture teaches. One is open at a time.

import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { all, make, renew, targetOf } from "../ui/dom";

export const lessons = (page: Page) => {
  // Which cards stand beside which picture; docs/lessons.md says the same.
  const BESIDE: Partial<Record<string, string[]>> = {
    strip: ["words"],
    heatmap: ["state", "gates", "flags", "both", "layers"],
    cell: ["loop", "cell", "surgery"],
    ledger: ["ledger"],
    packed: ["packed", "padding"],
    reach: ["reach"],
    gates: ["masks"],
    compare: ["not"],
    train: ["train"],
  };
  const marks = all(page.root, ".rv-why");
  const box = make("div", { class: "rv-lesson", id: "rv-lesson", role: "region" });
  const switcher = make("div", { class: "rv-tabs", role: "radiogroup", "data-say-label": "lesson_cards" });
  const card = make("div", { "aria-live": "polite" });
  box.append(switcher, card);
  walkable(switcher);
  let open: HTMLElement | null = null; // the mark that is open
  let chosen = 0;

  // Beside the views there is one mark for the view that is open.
  const beside = (mark: HTMLElement) => (mark.dataset.lesson === "view" ? page.view.tab : mark.dataset.lesson);
  const nameOf = (mark: HTMLElement) =>
    mark.dataset.lesson === "view"
      ? page.say("lesson_about_views")
      : page.say("lesson_about", { name: mark.previousElementSibling?.textContent });
  const line = (key: string, sentence: string) => make("p", {}, make("b", {}, page.say(key)), " ", sentence);
  const fill = () => {
    const names = (open && BESIDE[beside(open) ?? ""]) ?? [];
    chosen = Math.min(chosen, names.length - 1);
    const said = (part: string) => page.say(`lesson_${names[chosen]}_${part}`);
    const choose = (place: number) => {
      chosen = place;
      fill();
    };
    choices(
      switcher,
      names.map((name) => page.say(`lesson_${name}_title`)),
      chosen,
      choose,
    );
    box.setAttribute("aria-label", said("title"));
    card.replaceChildren(
      ...(names.length > 1 ? [] : [make("h3", {}, said("title"))]),
      make("p", {}, said("text")),
      line("try_this", said("try")),
      line("you_will_see", said("see")),
    );
  };

  const close = () => {
    open?.setAttribute("aria-expanded", "false");
    open?.removeAttribute("aria-controls");
    open = null;
    box.remove();
  };
  // Where it stands: under its heading's row; of a view, first in it.
  const place = () => {
    const row = open?.closest(".rv-choices, .rv-head");
    if (row) row.after(box);
    else page.part(`.rv-view[data-view=${page.view.tab}]`).prepend(box);
  };
  const show = (mark: HTMLElement) => {
    const again = mark === open;
    close();
    if (again) return;
    open = mark;
    chosen = 0;
    mark.setAttribute("aria-expanded", "true");
    mark.setAttribute("aria-controls", box.id);
    fill();
    place();
  };

  const draw = () => {
    for (const mark of marks) renew(mark, { "aria-label": nameOf(mark) });
    page.translate(box);
    if (open) fill();
  };
  for (const mark of marks) mark.addEventListener("click", () => show(mark));
  // Another view has another lesson.
  page.part(".rv-view-tabs").addEventListener("click", () => open?.dataset.lesson === "view" && close());
  page.root.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !open || !(box.contains(targetOf(event)) || event.target === open)) return;
      event.preventDefault(); // and what is pinned stays
      open.focus();
      close();
    },
    true,
  );
  return { draw };
};
