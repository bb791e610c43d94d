// Which language the page speaks: that of the link, else the one chosen before in this tab, else the browser's own.

import type { Dictionary, Language, Reply } from "../client/types";
import { isLanguage, NAMES_OF_LANGUAGES } from "../i18n/speaker";
import type { Page } from "../state/page";
import { make } from "../ui/dom";

/** No sentence is named like that. */
const isDictionary = (reply: Reply<"words">): reply is Dictionary => !("error" in reply);

export const languageMenu = (page: Page) => {
  const KEPT = "rnnviz-language"; // in session storage, which ends with the tab
  const menu = page.part<HTMLSelectElement>(".rv-language");
  const there: Partial<Record<Language, Dictionary>> = { [page.language()]: page.props.words };
  let wanted = page.language(); // the language that was chosen last

  const stay = () => {
    menu.value = wanted = page.language();
  };
  const speak = (code: Language) => {
    const dictionary = there[code];
    if (!dictionary) return stay(); // the server objected, as it does while too many ask at once
    if (code !== page.language()) {
      page.use(dictionary, code);
      page.translate(page.root);
      page.draw();
    }
    menu.value = code;
    document.documentElement.lang = code;
    page.root.dataset.language = code;
  };
  const fetched = page.asker("words", {
    use: (reply, code) => {
      if (isDictionary(reply)) there[code] = reply;
      if (code === wanted) speak(code);
    },
    fail: stay,
  });
  const change = (code: string) => {
    if (!isLanguage(code)) return;
    try {
      sessionStorage.setItem(KEPT, code);
    } catch {
      // a browser that keeps nothing still speaks the language
    }
    get(code);
  };
  const get = (code: Language) => {
    wanted = code;
    if (there[code]) speak(code);
    else fetched(code);
  };

  const kept = () => {
    try {
      return sessionStorage.getItem(KEPT);
    } catch {
      return null;
    }
  };
  const begin = (asked: string | null) => {
    const own = navigator.languages.map((tag) => tag.split("-")[0]).find(isLanguage);
    const code = [asked, kept(), own].find(isLanguage) ?? page.language();
    get(code);
  };

  menu.append(
    ...Object.entries(NAMES_OF_LANGUAGES).map(([code, name]) => make("option", { value: code, lang: code }, name)),
  );
  menu.addEventListener("change", () => change(menu.value));
  return { change, begin };
};
