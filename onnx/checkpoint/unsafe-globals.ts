/**
 * Names that run code, or reach what does, where Python's own unpickler meets them. Here nothing runs either way; a file
 * that has them was made to attack, so it is refused and said to be unsafe. The modules are those that scanners of
 * pickles list (Python's documentation of `pickle`, "Restricting Globals", says why).
 */

/** With all that is below them. */
const modules = new Set(
  [
    "os posix posixpath nt ntpath sys subprocess pty shutil signal resource platform",
    "socket ssl http urllib urllib2 httplib requests aiohttp ftplib smtplib telnetlib xmlrpc webbrowser asyncio",
    "importlib imp runpy code codeop pkgutil zipimport pydoc pip ensurepip distutils setuptools venv",
    "pickle _pickle cPickle dill shelve marshal ctypes _ctypes cffi multiprocessing _posixsubprocess",
    "bdb pdb timeit trace cProfile profile doctest commands gc inspect atexit operator _operator",
    "torch.hub torch.jit torch.serialization torch.utils.cpp_extension torch.package numpy.testing numpy.distutils",
  ].flatMap((line) => line.split(" ")),
);

const names = new Set([
  "io.open",
  "_io.open",
  "_io.FileIO",
  "io.FileIO",
  "types.CodeType",
  "types.FunctionType",
  "types.LambdaType",
  "torch.load",
  "torch.storage._load_from_bytes",
  "numpy.load",
  "numpy.f2py",
  "pandas.read_pickle",
  "joblib.load",
]);

/** In a module of the list, what only names a value: the layout of a sparse tensor. */
const harmless = new Set(["torch.serialization._get_layout"]);

/** Of Python's built-ins, these make plain values, compare or count them, or look up a member of an enum. */
const builtins = new Set(
  [
    "set frozenset dict list tuple int float bool str bytes bytearray complex slice range object type getattr property",
    "long unicode basestring xrange Ellipsis NotImplemented iter enumerate reversed zip map filter",
    "abs all any divmod len max min pow round sorted sum",
  ].flatMap((line) => line.split(" ")),
);
const isBuiltin = (module: string): boolean => module === "builtins" || module === "__builtin__";

export function isUnsafe(module: string, name: string): boolean {
  const full = `${module}.${name}`;
  // A way to another name through what every Python object has: __globals__, __subclasses__, __reduce__.
  if (!isBuiltin(module) && full.split(".").some((part) => /^__(?!main__$|torch__$).+__$/.test(part))) return true;
  if (isBuiltin(module)) return !builtins.has(name);
  if (harmless.has(full)) return false;
  const parts = full.split(".");
  return parts.some((_, i) => {
    const head = parts.slice(0, i + 1).join(".");
    return names.has(head) || (i < parts.length - 1 && modules.has(head));
  });
}
