// Which language the page speaks: that of the link, else the one chosen before in this tab, else the browser's own.

import { html, render } from "lit-html";
import type { Dictionary, Language, Reply } from "../client/types";
import { isLanguage, NAMES_OF_LANGUAGES } from "../i18n/speaker";
import type { Page } from "../state/page";

const KEY = "rnnviz-language"; // in session storage, which ends with the tab

export interface LanguageMenu {
  /** Speak a language from now on; its code may come from a link. */
  change(code: string): void;
  /** Speak the language that a link asks for, or the one that suits the reader; which one it is. */
  begin(asked: string | null): Language;
}

/** A dictionary has no sentence of that name. */
const isDictionary = (reply: Reply<"words">): reply is Dictionary => !("error" in reply);

const remember = (code: Language): void => {
  try {
    sessionStorage.setItem(KEY, code);
  } catch {
    // a browser that keeps nothing still speaks the language
  }
};
const remembered = (): string | null => {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
};

class Menu implements LanguageMenu {
  private readonly page: Page;
  private readonly select: HTMLSelectElement;
  private readonly ask: (code: Language) => void;
  private readonly dictionaries: Partial<Record<Language, Dictionary>>;
  /** The language that was chosen last. */
  private wanted: Language;

  constructor(page: Page) {
    this.page = page;
    this.select = page.part<HTMLSelectElement>(".rv-language");
    this.wanted = page.language();
    this.dictionaries = { [this.wanted]: page.props.words };
    this.ask = page.asker("words", {
      use: (reply, code) => this.use(reply, code),
      fail: () => this.stay(),
    });
    const option = ([code, name]: [string, string]) => html`<option value=${code} lang=${code}>${name}</option>`;
    render(Object.entries(NAMES_OF_LANGUAGES).map(option), this.select);
    this.select.addEventListener("change", () => this.change(this.select.value));
  }

  change(code: string): void {
    if (!isLanguage(code)) return;
    remember(code);
    this.get(code);
  }
  begin(asked: string | null): Language {
    const own = navigator.languages.map((tag) => tag.split("-")[0]);
    const found = [asked, remembered(), ...own].find(isLanguage) ?? this.page.language();
    this.get(found);
    return found;
  }

  private get(code: Language): void {
    this.wanted = code;
    if (this.dictionaries[code]) this.speak(code);
    else this.ask(code);
  }
  private use(reply: Reply<"words">, code: Language): void {
    if (isDictionary(reply)) this.dictionaries[code] = reply;
    if (code === this.wanted) this.speak(code);
  }
  private speak(code: Language): void {
    const { page, select } = this;
    const dictionary = this.dictionaries[code];
    if (!dictionary) {
      this.stay(); // the server objected, as it does while too many ask at once
      return;
    }
    if (code !== page.language()) {
      page.use(dictionary, code);
      page.translate(page.root);
      page.draw();
    }
    select.value = code;
    document.documentElement.lang = code;
    page.root.dataset.language = code;
  }
  private stay(): void {
    this.wanted = this.page.language();
    this.select.value = this.wanted;
  }
}

export const languageMenu = (page: Page): LanguageMenu => new Menu(page);
