"""Where the rooms of the appliance meet: one SQLite file, one folder of pictures. The table is the queue."""
