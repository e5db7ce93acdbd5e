/**
 * The listeners of installed error handlers: they report, and leave the end of the process to whoever else listens.
 */

/** Those of all handlers of this copy: they are no strangers to each other, nor to a program. */
export const lastNets: WeakSet<object> = new WeakSet();
