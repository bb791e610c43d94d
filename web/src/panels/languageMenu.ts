// Which language the page speaks: that of the link, else the one chosen before in this tab, else the browser's own.

import { NAMES_OF_LANGUAGES } from "../i18n/speaker";
import type { Page } from "../state/page";
import { make } from "../ui/dom";

export const languageMenu = (page: Page) => {
  const KEPT = "rnnviz-language"; // in session storage, which ends with the tab
  const menu = page.part<HTMLSelectElement>(".rv-language");
  const there = { [page.language()]: page.props.words };
  let wanted = page.language(); // the language that was chosen last

  const speak = (code: string) => {
    if (code !== page.language()) {
      page.use(there[code], code);
      page.translate(page.root);
      page.draw();
    }
    menu.value = code;
    document.documentElement.lang = code;
    page.root.dataset.language = code;
  };
  const fetched = page.asker("words", {
    use: (dictionary, code: string) => {
      there[code] = dictionary;
      if (code === wanted) speak(code);
    },
    fail: () => {
      menu.value = wanted = page.language();
    },
  });
  const change = (code: string) => {
    if (!(code in NAMES_OF_LANGUAGES)) return;
    try {
      sessionStorage.setItem(KEPT, code);
    } catch {
      // a browser that keeps nothing still speaks the language
    }
    get(code);
  };
  const get = (code: string) => {
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
    const own = navigator.languages.map((tag) => tag.split("-")[0]).find((code) => code in NAMES_OF_LANGUAGES);
    const code = [asked, kept(), own].find((one) => one && one in NAMES_OF_LANGUAGES) ?? page.language();
    get(code);
  };

  menu.append(
    ...Object.entries(NAMES_OF_LANGUAGES).map(([code, name]) => make("option", { value: code, lang: code }, name)),
  );
  menu.addEventListener("change", () => change(menu.value));
  return { change, begin };
};
