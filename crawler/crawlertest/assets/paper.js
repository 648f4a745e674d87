// Fills in the pictures that wait for a script, as half of the web's pages do.
for (const img of document.querySelectorAll("img.lazy")) {
  if (img.dataset.srcset) img.srcset = img.dataset.srcset;
  if (img.dataset.src) img.src = img.dataset.src;
}
for (const holder of document.querySelectorAll(".await")) {
  const spare = new DOMParser().parseFromString(holder.querySelector("noscript").textContent, "text/html").querySelector("img");
  if (spare) holder.querySelector("img").src = spare.getAttribute("src");
}
