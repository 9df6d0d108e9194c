"""Commands of the window itself."""

from endoscope_app.base.command import Command

OPEN_FILE = Command("&File", "&Open video...", ("Ctrl+O",), "Open a recorded video")
OPEN_FOLDER = Command(
    "&File", "Open &folder of stills...", ("Ctrl+Shift+O",), "Open a folder of images"
)
OPEN_DEMO = Command("&File", "Open the &demo procedure", (), "Open the synthetic phantom")
SETTINGS = Command("&File", "&Settings...", ("Ctrl+,",), "Theme, overlay, findings")
QUIT = Command("&File", "&Quit", ("Ctrl+Q",), "Close the program")
FULLSCREEN = Command("&View", "Full screen", ("F11",), "Full screen")
SHORTCUTS = Command("&Help", "&Keys...", ("F1", "?"), "This sheet")
ABOUT = Command("&Help", "&About...", (), "About this program")
