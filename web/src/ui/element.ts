// An element that is built once, from a template.

import { render, type TemplateResult } from "lit-html";
import { there } from "../model/there";

/** The element that a template makes. What changes in it later is rendered into it. */
export const elementOf = <E extends Element = HTMLElement>(template: TemplateResult): E => {
  const box = new DocumentFragment();
  render(template, box);
  return there(box.firstElementChild) as E;
};
