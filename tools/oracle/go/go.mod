module alertpath/oracle-go

go 1.25
