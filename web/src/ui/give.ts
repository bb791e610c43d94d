// Gives the reader a file.

const KEPT_MS = 60_000; // as long as a file stays there for the browser to save it

export const give = (blob: Blob, name: string): void => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
};
