/** What `node --import holdfast/inspect/register` loads before the program. */
import "holdfast/inspect/register";
