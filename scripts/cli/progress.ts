/** Erases the line and returns to its beginning. */
const ERASE = '\r\x1b[2K';

export interface Progress {
  readonly show: (text: string) => void;
  readonly clear: () => void;
}

/** One line on stderr that overwrites itself; nothing at all unless a person is watching. */
export function progressOn(err: NodeJS.WriteStream, options: { readonly quiet: boolean }): Progress {
  if (err.isTTY !== true || options.quiet) return { show: () => {}, clear: () => {} };
  let shown = false;
  return {
    show: (text) => {
      const width = Math.max(20, err.columns ?? 80) - 1;
      err.write(`${ERASE}${text.length > width ? `${text.slice(0, width - 1)}…` : text}`);
      shown = true;
    },
    clear: () => {
      if (shown) err.write(ERASE);
      shown = false;
    },
  };
}
