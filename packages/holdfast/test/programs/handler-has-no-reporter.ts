/** A handler that only counts: the error that ends the process is printed. */
import { errorHandler } from "holdfast/lifecycle";

errorHandler({ reporters: [] }).install();
throw new Error("at the top");
