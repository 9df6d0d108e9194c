"""The window, its menus, and the dialogs about the program itself."""
