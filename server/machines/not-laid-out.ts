/** An order could not be put where workers find it: its run is given them later. */
export class NotLaidOut extends Error {}
