/** What is wrong with how the program was called, and nothing else is. */

/** The command line itself is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked for must not be started so. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
