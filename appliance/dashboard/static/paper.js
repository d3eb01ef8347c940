// Pages to read: who reads is somebody who sits there, and what is around the text is in their language.

import "./bar.js";
import { meet } from "./me.js";
import { translatePage } from "./words.js";

translatePage();
meet().catch((problem) => console.warn(problem));
