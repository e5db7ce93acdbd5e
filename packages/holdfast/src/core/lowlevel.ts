/** placeholder, see below */
