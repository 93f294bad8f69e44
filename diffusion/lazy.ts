/** Properties that are computed when first asked for: DDIM never looks at a variance, and a step is paid per value. */

/** An object whose properties are the results of these functions, each called once at most. */
export function lazy<T extends object>(make: { readonly [K in keyof T]: () => T[K] }): T {
  const object = {} as T;
  for (const name of Object.keys(make) as (keyof T)[]) {
    let made: { readonly value: T[keyof T] } | undefined;
    const get = () => {
      made ??= { value: make[name]() };
      return made.value;
    };
    Object.defineProperty(object, name, { get, enumerable: true });
  }
  return object;
}

/** The object with some properties changed or added; what is lazy in either stays so. */
export function changed<T extends object, const C extends object>(object: T, changes: C): Omit<T, keyof C> & C {
  const properties = { ...Object.getOwnPropertyDescriptors(object), ...Object.getOwnPropertyDescriptors(changes) };
  return Object.defineProperties({}, properties) as Omit<T, keyof C> & C;
}
