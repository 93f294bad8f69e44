/** The wish, or where it is taken the first of wish_2, wish_3 … that is not. `join` stands before the number. */
export function freeName(wish: string, isTaken: (name: string) => boolean, join = "_"): string {
  let name = wish;
  for (let i = 2; isTaken(name); i++) name = `${wish}${join}${i}`;
  return name;
}

/** The first of `stem.ext`, `stem-2.ext`, `stem-3.ext` … that is not taken. */
export const freeFileName = (stem: string, extension: string, isTaken: (name: string) => boolean): string =>
  `${freeName(stem, (one) => isTaken(`${one}${extension}`), "-")}${extension}`;

/** What one makes of something that comes with the program is called so until one calls it otherwise; `join` as for `freeName`. */
export const ownName = (name: string, join = "-"): string => `my${join}${name}`;
