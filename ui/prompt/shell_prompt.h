/*
 * shell_prompt.h - the prompt of the shell: readline on the terminal itself, with the
 * history and the completion of the line below the screens.
 */
#ifndef METERCTL_UI_PROMPT_SHELL_PROMPT_H
#define METERCTL_UI_PROMPT_SHELL_PROMPT_H

#include "cmd/shell.h"

extern const struct shell_editor shell_prompt_editor;

#endif
