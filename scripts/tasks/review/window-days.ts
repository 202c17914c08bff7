/** Days that are looked at, today included: the pages show as many, and every rule needs fewer. */
export const WINDOW_DAYS = 90;
