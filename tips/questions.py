"""What detectives ask most, in the languages of the form. Nothing here asks who somebody is."""

QUESTIONS = {
    "thanks": ("Thank you. This helps.", "Gracias. Esto nos ayuda."),
    "times": ("What time do the cars come? On which days?", "¿A qué hora llegan los carros? ¿Qué días?"),
    "door": ("Which door or apartment?", "¿Qué puerta o apartamento?"),
    "car": ("What do the cars look like? Plate, color, make?", "¿Cómo son los carros? ¿Placa, color, marca?"),
    "danger": ("Are there weapons, dogs or children?", "¿Hay armas, perros o niños?"),
    "seen": ("Did you see it yourself, or did you hear of it?", "¿Lo vio usted mismo o se lo contaron?"),
    "still": ("Is it still going on?", "¿Sigue pasando?"),
    "safe": (
        "Please do not put yourself in danger to find out more.",
        "Por favor, no se ponga en peligro para averiguar más.",
    ),
}


def questions_in(language: str) -> dict[str, str]:
    """English where there is no other."""
    return {name: spanish if language == "es" else english for name, (english, spanish) in QUESTIONS.items()}
