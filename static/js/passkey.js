// allauth tells of a passkey that did not work by an event; people need it in words.

const WORDS = {
  NotAllowedError: "The browser did not use a passkey: it was cancelled, took too long, or there is none for this site.",
  InvalidStateError: "This key is set up already.",
  SecurityError: "The browser refuses passkeys at this address. Use the address that your department gave you.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const error = event.detail.exception;
  let box = document.getElementById("passkey-error");
  if (!box) {
    box = document.createElement("div");
    box.id = "passkey-error";
    box.className = "usa-alert usa-alert--error usa-alert--slim house-message";
    box.setAttribute("role", "alert");
    box.innerHTML = '<div class="usa-alert__body"><p class="usa-alert__text"></p></div>';
    document.querySelector(".house-page").prepend(box);
  }
  box.querySelector("p").textContent = WORDS[error.name] || "The passkey did not work. Try again, or sign in another way.";
});
