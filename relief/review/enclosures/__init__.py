"""What is handed in with a case (随案材料): photos, recordings and PDFs, added and taken out."""
