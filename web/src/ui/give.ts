// Gives the reader a file.

const LONGEST_NAME = 80;
const KEPT_MS = 60_000; // as long as a file stays there for the browser to save it

export const give = (blob: Blob, name: string): void => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
};

/** Named after the network and what is saved, never after the text: names of files are seen by others. */
export const fileName = (network: string, what: string | null, kind: string): string => {
  const name = network.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, LONGEST_NAME);
  return `${["rnnviz", name, what].filter(Boolean).join("-")}.${kind}`;
};
