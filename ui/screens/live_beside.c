#include "live_beside.h"

#include "phasor.h"
#include "trend.h"

#define BESIDE_COLS 120		/* fewer: nothing */
#define BESIDE_ROWS 8
#define PHASOR_RIGHT 40		/* cells right of the table that the phasors want */
#define PHASOR_ROWS 24		/* more make them no clearer */

/* Cells that phasors of so many rows take. */
static int beside_cells(int rows)
{
	return 2 * rows + 2;
}

void live_beside_draw(struct ui *u, WINDOW *w, int x, int y, int last)
{
	bool right = u->cols - x >= PHASOR_RIGHT, below = false;
	int rows = right ? y : last - y + 1, cells, left = 1;

	if (u->cols < BESIDE_COLS || last - y + 1 < BESIDE_ROWS)
		return;
	rows = rows - 1 > PHASOR_ROWS ? PHASOR_ROWS : rows - 1;
	cells = beside_cells(rows);
	if (right && cells > u->cols - x - 1) {
		cells = u->cols - x - 1;
		rows = cells / 2 - 1;
	}
	if (right)
		phasor_draw_beside(u, w, 0, x + (u->cols - x - cells) / 2, rows, cells);
	else
		below = phasor_draw_beside(u, w, y + 1, 1, rows, cells);
	left += below ? cells + 2 : 0;
	if (trend_draw_beside(u, w, y + 1, left, last - y, u->cols - left) || below)
		ui_rule(u, w, y, 0, u->cols);
}
