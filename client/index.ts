// The editor follows; the folder already takes part in the build.
export {};
