"""Close-relative filing (近亲属备案): who may not act in whose case, and what is owed there.

Households of relatives of the staff who handle them are filed apart, and the county visits them
(民发〔2021〕57号第十一条、第二十条). Staff file each year, also when there is nothing to file;
applicants declare; and the registry is compared with both.
"""
