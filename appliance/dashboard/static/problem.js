// A problem in the reader's language; what exactly the box found stays in its own words.

import { problemSays } from "./boxsays.js";
import { translatePage } from "./words.js";

translatePage();
document.getElementById("means").textContent = problemSays(document.body.dataset.status);
const found = document.getElementById("found");
found.hidden = found.textContent === "there is nothing at this address"; // said already
