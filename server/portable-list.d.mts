export const root: string;
export const run: string;
export const unread: RegExp;
export function bundled(hasModels: boolean): string[];
