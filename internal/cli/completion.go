package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	c := &cobra.Command{
		Use:       "completion bash|zsh|fish|powershell",
		Short:     "Writes a completion script for a shell",
		ValidArgs: shells,
		Args:      takes(1, 1, "the name of a shell: bash, zsh, fish or powershell"),
		Long: `Writes a script that makes a shell complete pslan's commands and flags.

  bash        source <(pslan completion bash)
  zsh         pslan completion zsh > "${fpath[1]}/_pslan"
  fish        pslan completion fish > ~/.config/fish/completions/pslan.fish
  powershell  pslan completion powershell | Out-String | Invoke-Expression`,
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		switch args[0] {
		case "bash":
			return c.Root().GenBashCompletionV2(a.stdout, true)
		case "zsh":
			return c.Root().GenZshCompletion(a.stdout)
		case "fish":
			return c.Root().GenFishCompletion(a.stdout, true)
		case "powershell":
			return c.Root().GenPowerShellCompletionWithDesc(a.stdout)
		}
		return misuse(c, "Unknown shell", "There is no completion for %q.%s", args[0], didYouMean(args[0], "", shells))
	}
	return c
}
