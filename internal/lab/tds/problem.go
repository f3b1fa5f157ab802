package tds

import "fmt"

// Problem is an error of SQL Server's, or what it tells besides.
type Problem struct {
	Number       int32
	State, Class uint8 // a class above 10 is an error
	Message      string
}

// Error returns the message with its number.
func (p *Problem) Error() string { return fmt.Sprintf("%s (%d)", p.Message, p.Number) }

// Numbers and words are those that SQL Server documents (database engine errors).
func problem(number int32, class uint8, format string, args ...any) *Problem {
	return &Problem{Number: number, State: 1, Class: class, Message: fmt.Sprintf(format, args...)}
}

func loginFailed(user string) *Problem {
	return problem(18456, 14, "Login failed for user '%s'.", user)
}

func noDatabase(name string) *Problem {
	return problem(4060, 11, "Cannot open database \"%s\" requested by the login. The login failed.", name)
}

func noObject(name string) *Problem { return problem(208, 16, "Invalid object name '%s'.", name) }

func noColumn(name string) *Problem { return problem(207, 16, "Invalid column name '%s'.", name) }

func denied(t *Table, database string) *Problem {
	return problem(229, 14, "The SELECT permission was denied on the object '%s', database '%s', schema '%s'.", t.Name, database, t.Schema)
}

// syntax is for all that is not understood; why says what would be.
func syntax(near, why string) *Problem {
	if why != "" {
		why = " " + why
	}
	return problem(102, 15, "Incorrect syntax near '%s'.%s", near, why)
}

func readOnly(database, verb string) *Problem {
	return problem(3906, 16, "Failed to update database \"%s\" because the database is read-only. The statement was %s.", database, verb)
}

func noVariable(name string) *Problem {
	return problem(137, 15, "Must declare the scalar variable \"%s\".", name)
}

func noProcedure(name string) *Problem {
	return problem(2812, 16, "Could not find stored procedure '%s'.", name)
}
