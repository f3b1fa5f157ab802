package view

import (
	"fmt"

	"pslan/internal/proposal"
)

// undeclaredLine says what becomes of the images that no block names: they are left
// alone, but for those that a server's lifecycle moves. It is empty where there are none.
func undeclaredLine(pr *proposal.Proposal) string {
	n, moved := pr.Undeclared, pr.UndeclaredChanged()
	switch {
	case n == 0:
		return ""
	case moved == 0 && n == 1:
		return "1 image is not declared, and is left alone."
	case moved == 0:
		return fmt.Sprintf("%d images are not declared, and are left alone.", n)
	case n == 1:
		return "1 image is not declared, and changes because of the lifecycle of a server."
	case moved >= n:
		return fmt.Sprintf("%d images are not declared, and change because of the lifecycle of a server.", n)
	case moved == 1:
		return fmt.Sprintf("%d images are not declared. 1 of them changes because of the lifecycle of a server; the rest is left alone.", n)
	}
	return fmt.Sprintf("%d images are not declared. %d of them change because of the lifecycle of a server; the rest is left alone.", n, moved)
}
