// Parts of a page that take a few seconds to find come after it; without a script a link asks for them.
import { say } from "./pages.js";

/** Return a part of a page as the server drew it. */
export async function part(link, signal) {
  const answer = await fetch(link, { signal, headers: { accept: "text/html" } });
  const text = await answer.text();
  const found = new DOMParser().parseFromString(text, "text/html");
  if (!answer.ok) {
    const told = found.querySelector("main .fault, main h1");
    throw new Error(told?.textContent.trim() || `The server answered ${answer.status}.`);
  }
  return [...found.body.childNodes];
}

async function fill(box) {
  box.setAttribute("aria-busy", "true");
  try {
    box.replaceChildren(...(await part(box.dataset.late)));
    box.removeAttribute("data-late");
  } catch (fault) {
    const words = document.createElement("p");
    words.className = "fault";
    words.textContent = fault instanceof TypeError ? "The server does not answer; reload the page when it does." : fault.message;
    box.append(words);
  }
  box.removeAttribute("aria-busy");
}
for (const box of document.querySelectorAll("[data-late]")) fill(box);

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(`${text} ${location.href}`);
      button.textContent = "Copied";
      say("Copied");
    } catch {
      window.prompt("Copy this", `${text} ${location.href}`);
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
}
