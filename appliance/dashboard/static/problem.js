// A problem in the reader's language; what exactly the box found stays in its own words.

import { problemSays } from "./boxsays.js";
import { translatePage } from "./words.js";

translatePage();
document.getElementById("means").textContent = problemSays(document.body.dataset.status);
for (const [id, known] of [["found", "there is nothing at this address"], ["hint", "/docs lists what there is"]]) {
  const node = document.getElementById(id);
  node.hidden = !node.textContent || node.textContent === known; // said already, or for programs
}
