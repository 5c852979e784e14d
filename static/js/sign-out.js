// Signing out on any page takes the officer's lists off this device at once; what is not sent yet stays.
import { forgetLists } from "./log/store.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[action$='/accounts/logout/']") || form.dataset.forgotten) return;
  event.preventDefault();
  form.dataset.forgotten = "true";
  await Promise.race([forgetLists().catch(() => {}), new Promise((resolve) => { setTimeout(resolve, 2000); })]);
  form.submit();
});
