"""Commands of the window itself."""

from endoscope_app.base.command import Command

SETTINGS = Command("&File", "&Settings...", ("Ctrl+,",), "Theme, heat map, findings, what is kept")
QUIT = Command("&File", "&Quit", ("Ctrl+Q",), "Close the program")
FULLSCREEN = Command("&View", "Full screen", ("F11",), "Full screen")
SHORTCUTS = Command("&Help", "&Keys...", ("F1", "?"), "This sheet")
ABOUT = Command("&Help", "&About...", (), "About this program")
